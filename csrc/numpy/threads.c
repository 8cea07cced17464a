/* The pool: a list of jobs, and threads that help whoever posted one.
 *
 * The caller of a job works on it too, so a job never waits for a thread: several callers at once
 * share the helpers that there are, and one that gets none does its work alone. A helper that has
 * run out of work looks for the next job for some microseconds before it sleeps, because a model
 * posts hundreds of small ones in a row.
 *
 * A child of a fork has none of its parent's threads: there the pool starts again, empty. Signals
 * are blocked in helpers, so that Ctrl-C reaches a thread of Python's.
 */
#ifndef _GNU_SOURCE
#    define _GNU_SOURCE
#endif
#include "threads.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

enum {
    MOST = LL_MOST_WORKERS - 1,
    SPINS = 2000,    /* 30 to 100 microseconds */
    STACK = 1 << 20, /* bytes; what a C library gives by default may be too little, or 8 MB */
};

typedef struct job {
    ll_part_fn *run;
    void *context;
    size_t parts;
    atomic_size_t next;   /* the first part that nobody has taken */
    atomic_size_t inside; /* helpers at work; changes only under the lock */
    size_t wanted, came;  /* helpers that may still come, and those that came */
    struct job *older;
} job;

static struct {
    pthread_mutex_t lock;
    pthread_cond_t posted, left; /* a job was posted; the last helper left one */
    job *jobs;                   /* the newest first */
    size_t threads, looking;     /* helpers, and how many of them look for work before they sleep */
    int watches_forks;
    atomic_size_t posts;
    atomic_int closed;
    pthread_t thread[MOST];
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER,
          .posted = PTHREAD_COND_INITIALIZER,
          .left = PTHREAD_COND_INITIALIZER};

static inline void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static void take_parts(job *j, size_t worker)
{
    size_t part;
    while (!(worker && atomic_load(&pool.closed)) &&
           (part = atomic_fetch_add(&j->next, 1)) < j->parts) {
        j->run(j->context, part, worker);
    }
}

static job *find(void)
{
    job *j = pool.jobs;
    while (j && !(j->wanted && atomic_load(&j->next) < j->parts)) {
        j = j->older;
    }
    return j;
}

/* with the lock, which is released meanwhile; look() does the same */
static void help(job *j)
{
    size_t worker = ++j->came;
    j->wanted--;
    atomic_fetch_add(&j->inside, 1);
    pthread_mutex_unlock(&pool.lock);
    take_parts(j, worker);
    pthread_mutex_lock(&pool.lock);
    if (atomic_fetch_sub(&j->inside, 1) == 1) {
        pthread_cond_broadcast(&pool.left);
    }
}

static void look(void)
{
    size_t seen = atomic_load(&pool.posts);
    pool.looking++;
    pthread_mutex_unlock(&pool.lock);
    for (int i = 0; i < SPINS && atomic_load(&pool.posts) == seen; i++) {
        relax();
    }
    pthread_mutex_lock(&pool.lock);
    pool.looking--;
}

static void *helper(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&pool.lock);
    while (!atomic_load(&pool.closed)) {
        job *j = find();
        if (!j) {
            look();
            j = find();
        }
        if (j) {
            help(j);
        } else if (!atomic_load(&pool.closed)) {
            pthread_cond_wait(&pool.posted, &pool.lock);
        }
    }
    pthread_mutex_unlock(&pool.lock);
    return NULL;
}

static void before_fork(void)
{
    pthread_mutex_lock(&pool.lock);
}

static void in_the_parent(void)
{
    pthread_mutex_unlock(&pool.lock);
}

static void in_the_child(void)
{
    pool.jobs = NULL;
    pool.threads = pool.looking = 0;
    pool.posted = pool.left = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    pthread_mutex_unlock(&pool.lock);
}

/* Signals that a fault raises in the thread itself are not blocked: faulthandler prints them. */
static void block_signals(sigset_t *before)
{
    const int OWN[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP};
    sigset_t all;
    sigfillset(&all);
    for (size_t i = 0; i < sizeof OWN / sizeof *OWN; i++) {
        sigdelset(&all, OWN[i]);
    }
    pthread_sigmask(SIG_SETMASK, &all, before);
}

/* starts more threads, with the lock held; fewer if no more can be started */
static void grow(size_t wanted)
{
    pthread_attr_t attributes;
    sigset_t before;
    if (pool.threads >= wanted || pthread_attr_init(&attributes) != 0) {
        return;
    }
    if (!pool.watches_forks) {
        pool.watches_forks = pthread_atfork(before_fork, in_the_parent, in_the_child) == 0;
    }
    (void)pthread_attr_setstacksize(&attributes, STACK);
    block_signals(&before);
    while (pool.watches_forks && pool.threads < wanted &&
           pthread_create(&pool.thread[pool.threads], &attributes, helper, NULL) == 0) {
#ifdef __linux__
        (void)pthread_setname_np(pool.thread[pool.threads], "logitlab");
#endif
        pool.threads++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
}

static void post(job *j)
{
    pthread_mutex_lock(&pool.lock);
    if (!atomic_load(&pool.closed)) {
        grow(j->wanted);
        j->older = pool.jobs;
        pool.jobs = j;
        atomic_fetch_add(&pool.posts, 1);
        for (size_t i = pool.looking; i < j->wanted && i < pool.threads; i++) {
            pthread_cond_signal(&pool.posted);
        }
    }
    pthread_mutex_unlock(&pool.lock);
}

/* removes the job from the list, and waits until every helper has left it */
static void withdraw(job *j)
{
    pthread_mutex_lock(&pool.lock);
    for (job **at = &pool.jobs; *at; at = &(*at)->older) {
        if (*at == j) {
            *at = j->older;
            break;
        }
    }
    pthread_mutex_unlock(&pool.lock);
    for (int i = 0; i < SPINS && atomic_load(&j->inside); i++) {
        relax();
    }
    pthread_mutex_lock(&pool.lock);
    while (atomic_load(&j->inside)) {
        pthread_cond_wait(&pool.left, &pool.lock);
    }
    pthread_mutex_unlock(&pool.lock);
}

void ll_share_out(size_t workers, size_t parts, ll_part_fn *run, void *context)
{
    size_t helpers = (workers < parts ? workers : parts);
    helpers = helpers > 1 ? helpers - 1 : 0;
    job j = {
        .run = run, .context = context, .parts = parts, .wanted = helpers < MOST ? helpers : MOST};
    if (helpers) {
        post(&j);
    }
    take_parts(&j, 0);
    if (helpers) {
        withdraw(&j);
    }
}

void ll_threads_close(void)
{
    pthread_mutex_lock(&pool.lock);
    size_t threads = pool.threads;
    atomic_store(&pool.closed, 1);
    pool.threads = 0;
    atomic_fetch_add(&pool.posts, 1);
    pthread_cond_broadcast(&pool.posted);
    pthread_mutex_unlock(&pool.lock);
    for (size_t i = 0; i < threads; i++) {
        pthread_join(pool.thread[i], NULL);
    }
}

size_t ll_cores(void)
{
    long cores = 0;
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        cores = CPU_COUNT(&set);
    }
#endif
    if (cores < 1) { /* no such call here, or more cores than the set has room for */
        cores = sysconf(_SC_NPROCESSORS_ONLN);
    }
    return cores < 1 ? 1 : (size_t)cores;
}
