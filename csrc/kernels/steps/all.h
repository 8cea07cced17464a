/* Every step of steps.h, in an order in which each finds what it calls. */
#ifndef LL_STEP_ALL_H
#define LL_STEP_ALL_H

#include "top_k.h"
#include "temperature.h"
#include "dynamic_temperature.h"
#include "top_p.h"
#include "min_p.h"
#include "typical_p.h"
#include "epsilon_cutoff.h"
#include "eta_cutoff.h"
#include "top_n_sigma.h"
#include "top_h.h"
#include "xtc.h"
#include "repetition_penalty.h"
#include "presence_penalty.h"
#include "frequency_penalty.h"
#include "dry.h"
#include "no_repeat_ngram.h"
#include "logit_bias.h"
#include "ban_tokens.h"
#include "min_new_tokens.h"
#include "top_a.h"
#include "p_less.h"
#include "tail_free.h"
#include "smoothing.h"
#include "mirostat_v2.h"
#include "mirostat.h"
#include "adaptive_p.h"

#endif
