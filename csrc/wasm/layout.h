/* How kernels.js writes steps and reads records: it asks for the sizes and the kinds, and what it
 * takes for granted is asserted here. */

_Static_assert(sizeof(ll_step_kind) == 4, "kernels.js writes a kind as 32 bits");
_Static_assert(offsetof(ll_step, value) == 8, "kernels.js writes the parameters from byte 8 on");
_Static_assert(sizeof(ll_record) == 8 * sizeof(double), "kernels.js names eight numbers");
_Static_assert(offsetof(ll_record, count) == 0 && offsetof(ll_record, mass) == 8 &&
                   offsetof(ll_record, kept) == 16 && offsetof(ll_record, entropy) == 24 &&
                   offsetof(ll_record, threshold) == 32 && offsetof(ll_record, low) == 40 &&
                   offsetof(ll_record, high) == 48 && offsetof(ll_record, temperature) == 56,
               "kernels.js names the numbers of a record in this order");

EXPORT(step_bytes) size_t step_bytes(void)
{
    return sizeof(ll_step);
}

EXPORT(record_bytes) size_t record_bytes(void)
{
    return sizeof(ll_record);
}

/* the number of a kind of step: kind_top_k() */
#define LL_EXPORT_KIND(KIND, name, ...)                                                            \
    EXPORT(kind_##name) int kind_##name(void)                                                      \
    {                                                                                              \
        return KIND;                                                                               \
    }
LL_STEPS_RUN(LL_EXPORT_KIND)
#undef LL_EXPORT_KIND
