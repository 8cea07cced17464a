/* Makes each .inc file parse on its own in an editor, for float32. */
#ifndef LL_ALONE
#define LL_ALONE

#include "storage.h"

#define D f32
#define T float
#define DTYPE LL_F32
#define STORED 1
#define SMALLEST 0x1p-126
#define NAME(function) LL_JOIN(LL_JOIN(function, _), D)

#endif
