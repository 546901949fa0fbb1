/* A wall clock that jumps: loaded before libc, it adds what WALL_CLOCK_SHIFT's file says to the time of
   day. The file holds one 64-bit number of microseconds and is mapped, so a jump is seen at the next look
   at the clock, without a signal or a restart. Monotonic clocks are left alone: a clock that is set never
   moves them.

   Not libfaketime: with monotonic clocks left alone, its 0.9.10 breaks clock_nanosleep (EINVAL). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t no_shift = 0;
static const volatile int64_t *shift = &no_shift;
static int (*true_clock)(clockid_t, struct timespec *);

__attribute__((constructor)) static void map_the_shift(void) {
    const char *path = getenv("WALL_CLOCK_SHIFT");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *mapped = mmap(NULL, sizeof *shift, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (mapped != MAP_FAILED) shift = mapped;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    if (!true_clock) true_clock = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = true_clock(clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t microseconds = now->tv_sec * INT64_C(1000000) + now->tv_nsec / 1000 + *shift;
        now->tv_nsec = microseconds % 1000000 * 1000 + now->tv_nsec % 1000;
        now->tv_sec = microseconds / 1000000;
    }
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    struct timespec exact;
    (void)zone;
    int result = clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return result;
}

time_t time(time_t *told) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (told) *told = exact.tv_sec;
    return exact.tv_sec;
}
