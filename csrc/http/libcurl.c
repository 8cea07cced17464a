#define _POSIX_C_SOURCE 200809L /* clock_gettime, and pthread under -std=c11 */

#include "libcurl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define LL_CURL_NAME(result, name, parameters) "curl_" #name,
static const char *const names[] = {LL_CURL_FUNCTIONS(LL_CURL_NAME)};
#undef LL_CURL_NAME

/* curl_global_init counts its calls, and before 7.84 the calls must not overlap: interpreters of
 * one process take turns. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static void note(char *why, size_t n, const char *path, const char *what)
{
    size_t used = strlen(why);
    snprintf(why + used, n - used, "%s%s: %s", used ? "; " : "", path, what);
}

/* The name of the first function that the library lacks, or NULL. The table is an array of function
 * pointers in the order of `names`; POSIX lets a void * carry one. */
static const char *look_up(struct ll_curl *curl, void *library)
{
    char *slot = (char *)curl;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        void *symbol = dlsym(library, names[i]);
        if (symbol == NULL) {
            return names[i];
        }
        memcpy(slot + i * sizeof symbol, &symbol, sizeof symbol);
    }
    return NULL;
}

static bool open_one(struct ll_curl *curl, const char *path, char *why, size_t n)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        note(why, n, path, "not found or not loadable");
        return false;
    }
    const char *missing = look_up(curl, library);
    if (missing != NULL) {
        note(why, n, path, "older than libcurl 7.68, it has no");
        snprintf(why + strlen(why), n - strlen(why), " %s", missing);
        dlclose(library);
        return false;
    }
    pthread_mutex_lock(&turn);
    unsigned code = curl->global_init(LL_CURL_GLOBAL_DEFAULT);
    pthread_mutex_unlock(&turn);
    if (code != LL_CURLE_OK) {
        note(why, n, path, curl->easy_strerror(code));
        return false;
    }
    return true;
}

bool ll_libcurl_open(struct ll_curl *curl, const char *const *paths, char *why, size_t n)
{
    _Static_assert(sizeof(struct ll_curl) == sizeof names / sizeof names[0] * sizeof(void *),
                   "a function pointer is as wide as a void *");
    why[0] = '\0';
    for (; *paths != NULL; paths++) {
        if (open_one(curl, *paths, why, n)) {
            return true;
        }
    }
    *curl = (struct ll_curl){0};
    return false;
}
