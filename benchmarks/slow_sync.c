/* A slow disk: each fdatasync and fsync takes SYNC_DELAY_US longer. LD_PRELOAD; libc's own below. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static int later(const char *name, int fd)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    const char *delay = getenv("SYNC_DELAY_US");
    int result = real(fd);
    if (delay)
        usleep((useconds_t)atoi(delay));
    return result;
}

int fdatasync(int fd) { return later("fdatasync", fd); }
int fsync(int fd) { return later("fsync", fd); }
