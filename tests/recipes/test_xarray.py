"""The recipe of docs/xarray.md: names and coordinates survive, and dask below works as well."""

import numpy as np
import xarray as xr

import logitlab as ll

LOGITS = xr.DataArray(
    np.random.default_rng(0).normal(0, 3, (2, 3, 40)),
    dims=("prompt", "step", "token"),
    coords={"prompt": ["a", "b"], "token": np.arange(40)},
)
CORE = {"input_core_dims": [["token"]], "output_core_dims": [["token"]]}


def test_softargmax_keeps_names_and_coordinates():
    p = xr.apply_ufunc(ll.softargmax, LOGITS, kwargs={"T": 0.8}, **CORE)
    assert p.dims == LOGITS.dims
    xr.testing.assert_equal(p.coords.to_dataset(), LOGITS.coords.to_dataset())
    np.testing.assert_array_equal(p.values, ll.softargmax(LOGITS.values, 0.8))


def test_the_named_dimension_need_not_be_the_last():
    p = xr.apply_ufunc(ll.softargmax, LOGITS, input_core_dims=[["step"]], output_core_dims=[["step"]])
    expected = np.moveaxis(ll.softargmax(LOGITS.values, axis=1), 1, -1)
    np.testing.assert_array_equal(p.transpose("prompt", "token", "step").values, expected)


def test_a_temperature_for_each_prompt():
    T = xr.DataArray([0.1, 2.0], dims="prompt", coords={"prompt": ["a", "b"]})
    p = xr.apply_ufunc(
        ll.softargmax, LOGITS.isel(step=0), T, input_core_dims=[["token"], []], output_core_dims=[["token"]]
    )
    for i, t in enumerate([0.1, 2.0]):
        np.testing.assert_array_equal(p.values[i], ll.softargmax(LOGITS.values[i, 0], t))


def test_blocks_of_dask():
    lazy = LOGITS.chunk({"prompt": 1, "token": -1})
    p = xr.apply_ufunc(ll.softargmax, lazy, **CORE, dask="parallelized", output_dtypes=[lazy.dtype])
    assert p.chunks is not None
    np.testing.assert_array_equal(p.values, ll.softargmax(LOGITS.values))
