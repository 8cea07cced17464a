/* The compiled targets, and whether each runs on this CPU. It knows neither Python nor NumPy, so
 * what it finds can be asked before there is a module.
 */
#ifndef LL_DETECTION_H
#define LL_DETECTION_H

#include <stddef.h>

#include "kernels/kernels.h"
#include "model/model.h"

typedef struct {
    const ll_kernels *kernels;
    const ll_model *model;
    int (*runs)(void); /* whether this CPU and operating system can */
} ll_target;

/* the target at a place, best first; NULL past the last */
const ll_target *ll_target_at(size_t i);

#endif
