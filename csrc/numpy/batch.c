/* Rows of an array with any axis and any strides, and parameters that broadcast against the batch,
 * in C order. */
#include "api.h"

void ll_batch_of(ll_batch *batch, const ll_logits *logits)
{
    int ndim = PyArray_NDIM(logits->array), axis = ndim + logits->axis;
    batch->ndim = 0;
    for (int i = 0; i < ndim; i++) {
        if (i != axis) {
            batch->shape[batch->ndim++] = PyArray_DIM(logits->array, i);
        }
    }
}

int ll_batch_join(ll_batch *batch, PyArrayObject *parameter, const char *name)
{
    int ndim = PyArray_NDIM(parameter), more = ndim - batch->ndim;
    if (more > 0) {
        if (ndim >= NPY_MAXDIMS) {
            PyErr_Format(PyExc_ValueError, "%s has too many dimensions: %d", name, ndim);
            return -1;
        }
        memmove(batch->shape + more, batch->shape, (size_t)batch->ndim * sizeof *batch->shape);
        for (int i = 0; i < more; i++) {
            batch->shape[i] = 1;
        }
        batch->ndim = ndim;
    }
    for (int i = 0; i < ndim; i++) {
        npy_intp *have = &batch->shape[batch->ndim - ndim + i], come = PyArray_DIM(parameter, i);
        if (*have != come && *have != 1 && come != 1) {
            PyErr_Format(PyExc_ValueError,
                         "%s does not broadcast against the rows: needed 1 or %zd in dimension %d "
                         "of the batch, got %zd",
                         name, (Py_ssize_t)*have, batch->ndim - ndim + i, (Py_ssize_t)come);
            return -1;
        }
        *have = *have == 1 ? come : *have;
    }
    return 0;
}

void ll_batch_count(ll_batch *batch)
{
    batch->rows = 1;
    for (int i = 0; i < batch->ndim; i++) {
        batch->rows *= batch->shape[i];
        batch->at[i] = 0;
    }
}

void ll_operand_of(ll_operand *operand, const ll_batch *batch, PyArrayObject *array, int axis)
{
    int ndim = PyArray_NDIM(array), skip = axis ? ndim + axis : -1, to = batch->ndim;
    operand->data = PyArray_BYTES(array);
    for (int i = ndim - 1; i >= 0; i--) {
        if (i != skip) {
            operand->stride[--to] = PyArray_DIM(array, i) == 1 ? 0 : PyArray_STRIDE(array, i);
        }
    }
    while (to > 0) {
        operand->stride[--to] = 0;
    }
}

void ll_operand_scalar(ll_operand *operand, const ll_batch *batch, const double *value)
{
    operand->data = (const char *)value;
    for (int i = 0; i < batch->ndim; i++) {
        operand->stride[i] = 0;
    }
}

void ll_batch_next(ll_batch *batch, ll_operand **operands, int n)
{
    for (int i = batch->ndim - 1; i >= 0; i--) {
        npy_intp step = ++batch->at[i] < batch->shape[i] ? 1 : -(batch->shape[i] - 1);
        for (int j = 0; j < n; j++) {
            operands[j]->data += step * operands[j]->stride[i];
        }
        if (step == 1 && batch->at[i] < batch->shape[i]) {
            return;
        }
        batch->at[i] = 0;
    }
}

int ll_rows_direct(PyArrayObject *array, int axis)
{
    int at = PyArray_NDIM(array) + axis;
    int contiguous =
        PyArray_STRIDE(array, at) == PyArray_ITEMSIZE(array) || PyArray_DIM(array, at) == 1;
    return contiguous && PyArray_ISALIGNED(array) && !PyArray_ISBYTESWAPPED(array);
}

ll_view ll_rows(PyArrayObject *array, int axis)
{
    return (ll_view){.stride = PyArray_STRIDE(array, PyArray_NDIM(array) + axis),
                     .direct = ll_rows_direct(array, axis),
                     .swapped = PyArray_ISBYTESWAPPED(array)};
}

const char *ll_direct_row(const ll_view *row, size_t n, size_t size, char *buffer)
{
    for (size_t i = 0; !row->direct && i < n; i++) {
        const char *from = row->data + (ptrdiff_t)i * row->stride;
        for (size_t byte = 0; byte < size; byte++) {
            buffer[i * size + byte] = from[row->swapped ? size - 1 - byte : byte];
        }
    }
    return row->direct ? row->data : buffer;
}

int ll_result_shape(const ll_batch *batch, int axis, npy_intp n, npy_intp *shape)
{
    int ndim = batch->ndim + 1, at = ndim + axis;
    for (int i = 0, from = 0; i < ndim; i++) {
        shape[i] = i == at ? n : batch->shape[from++];
    }
    return ndim;
}
