/* Lets the Nth system call that changes something below a folder fail, or end the process.

   Loaded before the C library (LD_PRELOAD), so that LMDB, HDF5, SQLite and Qt are seen as Python is.
   What to do is in the file $FAULT_PLAN, which all processes map that are started with it: they
   count together, and whoever has set it can change it and read it at any time. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { KILLED = -1 };

struct plan {
    long seen;          /* calls so far */
    long at;            /* the one that fails; 0 for none */
    long error;         /* its errno, or KILLED */
    long always;        /* whether all that come after it fail too */
    char folder[1000];  /* calls elsewhere do not count; empty: none does */
    char failed[1000];  /* the call that failed, and what it was about */
};

static struct plan *plan;

__attribute__((constructor)) static void begin(void)
{
    const char *name = getenv("FAULT_PLAN");
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
    int file = name ? real(name, O_RDWR | O_CLOEXEC) : -1;
    if (file >= 0) {
        void *mapped = mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        plan = mapped == MAP_FAILED ? NULL : mapped;
        close(file);
    }
}

static void of_handle(int handle, char *path)
{
    char link[40];
    snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    path[length < 0 ? 0 : length] = '\0';
}

static void of_name(int folder, const char *name, char *path)
{
    path[0] = '\0';
    if (name[0] != '/') {
        if (folder != AT_FDCWD)
            of_handle(folder, path);
        else if (!getcwd(path, PATH_MAX))
            path[0] = '\0';
        strncat(path, "/", PATH_MAX - strlen(path) - 1);
    }
    strncat(path, name, PATH_MAX - strlen(path) - 1);
}

/* Count a call about `path`; return whether it is to fail, with errno set, or do not return. */
static int fails(const char *call, const char *path, int handle, const void *data, size_t size)
{
    size_t length = strlen(plan->folder);
    if (!length || strncmp(path, plan->folder, length) || (path[length] && path[length] != '/'))
        return 0;
    long number = __atomic_add_fetch(&plan->seen, 1, __ATOMIC_SEQ_CST);
    if (!plan->at || (plan->always ? number < plan->at : number != plan->at))
        return 0;
    if (number == plan->at)
        snprintf(plan->failed, sizeof plan->failed, "%s %s", call, path);
    if (plan->error == KILLED) {
        /* Half of what was to be written is there. */
        ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
        if (data && size > 1)
            (void)!real(handle, data, size / 2);
        kill(getpid(), SIGKILL);
        pause();
    }
    errno = (int)plan->error;
    return 1;
}

static int fails_at(const char *call, int folder, const char *name)
{
    int before = errno;
    char path[PATH_MAX];
    if (!plan)
        return 0;
    of_name(folder, name, path);
    if (fails(call, path, -1, NULL, 0))
        return 1;
    errno = before;
    return 0;
}

static int fails_on(const char *call, int handle, const void *data, size_t size)
{
    int before = errno;
    char path[PATH_MAX];
    if (!plan)
        return 0;
    of_handle(handle, path);
    if (fails(call, path, handle, data, size))
        return 1;
    errno = before;
    return 0;
}

#define REAL(type, name, ...)                       \
    static type (*real)(__VA_ARGS__);               \
    if (!real)                                      \
        real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name);

#define MODE(flags, mode)                                    \
    mode_t mode = 0;                                         \
    if ((flags) & O_CREAT || ((flags) & O_TMPFILE) == O_TMPFILE) { \
        va_list rest;                                        \
        va_start(rest, flags);                               \
        mode = va_arg(rest, mode_t);                         \
        va_end(rest);                                        \
    }

#define CHANGES(flags) (((flags) & O_ACCMODE) != O_RDONLY || (flags) & (O_CREAT | O_TRUNC))

#define OPEN(name)                                                  \
    int name(const char *path, int flags, ...)                      \
    {                                                               \
        REAL(int, name, const char *, int, ...)                     \
        MODE(flags, mode)                                           \
        if (CHANGES(flags) && fails_at("open", AT_FDCWD, path))     \
            return -1;                                              \
        return real(path, flags, mode);                             \
    }
OPEN(open)
OPEN(open64)
OPEN(__open_2)
OPEN(__open64_2)

#define OPENAT(name)                                                \
    int name(int folder, const char *path, int flags, ...)          \
    {                                                               \
        REAL(int, name, int, const char *, int, ...)                \
        MODE(flags, mode)                                           \
        if (CHANGES(flags) && fails_at("open", folder, path))       \
            return -1;                                              \
        return real(folder, path, flags, mode);                     \
    }
OPENAT(openat)
OPENAT(openat64)

#define CREAT(name)                                                 \
    int name(const char *path, mode_t mode)                         \
    {                                                               \
        REAL(int, name, const char *, mode_t)                       \
        return fails_at("open", AT_FDCWD, path) ? -1 : real(path, mode); \
    }
CREAT(creat)
CREAT(creat64)

ssize_t write(int handle, const void *data, size_t size)
{
    REAL(ssize_t, write, int, const void *, size_t)
    return fails_on("write", handle, data, size) ? -1 : real(handle, data, size);
}

ssize_t writev(int handle, const struct iovec *parts, int count)
{
    REAL(ssize_t, writev, int, const struct iovec *, int)
    return fails_on("write", handle, NULL, 0) ? -1 : real(handle, parts, count);
}

#define PWRITE(name, offset)                                        \
    ssize_t name(int handle, const void *data, size_t size, offset at) \
    {                                                               \
        REAL(ssize_t, name, int, const void *, size_t, offset)      \
        return fails_on("write", handle, NULL, 0) ? -1 : real(handle, data, size, at); \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

#define PWRITEV(name, offset)                                       \
    ssize_t name(int handle, const struct iovec *parts, int count, offset at) \
    {                                                               \
        REAL(ssize_t, name, int, const struct iovec *, int, offset) \
        return fails_on("write", handle, NULL, 0) ? -1 : real(handle, parts, count, at); \
    }
PWRITEV(pwritev, off_t)
PWRITEV(pwritev64, off64_t)

#define ON_HANDLE(name, call)                                       \
    int name(int handle)                                            \
    {                                                               \
        REAL(int, name, int)                                        \
        return fails_on(call, handle, NULL, 0) ? -1 : real(handle); \
    }
ON_HANDLE(fsync, "fsync")
ON_HANDLE(fdatasync, "fsync")

/* A handle is gone whatever close says, as on Linux. */
int close(int handle)
{
    REAL(int, close, int)
    int flags = plan ? fcntl(handle, F_GETFL) : -1;
    int failed = flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && fails_on("close", handle, NULL, 0);
    int number = errno, closed = real(handle);
    if (failed)
        errno = number;
    return failed ? -1 : closed;
}

#define TRUNCATE(name, offset)                                      \
    int name(int handle, offset size)                               \
    {                                                               \
        REAL(int, name, int, offset)                                \
        return fails_on("truncate", handle, NULL, 0) ? -1 : real(handle, size); \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define ALLOCATE(name, offset)                                      \
    int name(int handle, offset at, offset size)                    \
    {                                                               \
        REAL(int, name, int, offset, offset)                        \
        return fails_on("allocate", handle, NULL, 0) ? errno : real(handle, at, size); \
    }
ALLOCATE(posix_fallocate, off_t)
ALLOCATE(posix_fallocate64, off64_t)

#define BY_NAME(name, call)                                         \
    int name(const char *path)                                      \
    {                                                               \
        REAL(int, name, const char *)                               \
        return fails_at(call, AT_FDCWD, path) ? -1 : real(path);    \
    }
BY_NAME(unlink, "unlink")
BY_NAME(rmdir, "rmdir")

int unlinkat(int folder, const char *path, int flags)
{
    REAL(int, unlinkat, int, const char *, int)
    const char *call = flags & AT_REMOVEDIR ? "rmdir" : "unlink";
    return fails_at(call, folder, path) ? -1 : real(folder, path, flags);
}

int mkdir(const char *path, mode_t mode)
{
    REAL(int, mkdir, const char *, mode_t)
    return fails_at("mkdir", AT_FDCWD, path) ? -1 : real(path, mode);
}

int mkdirat(int folder, const char *path, mode_t mode)
{
    REAL(int, mkdirat, int, const char *, mode_t)
    return fails_at("mkdir", folder, path) ? -1 : real(folder, path, mode);
}

#define BETWEEN(name, call)                                         \
    int name(const char *path, const char *target)                  \
    {                                                               \
        REAL(int, name, const char *, const char *)                 \
        return fails_at(call, AT_FDCWD, target) ? -1 : real(path, target); \
    }
BETWEEN(rename, "rename")
BETWEEN(link, "link")
BETWEEN(symlink, "link")

int renameat(int from, const char *path, int to, const char *target)
{
    REAL(int, renameat, int, const char *, int, const char *)
    return fails_at("rename", to, target) ? -1 : real(from, path, to, target);
}

int renameat2(int from, const char *path, int to, const char *target, unsigned int flags)
{
    REAL(int, renameat2, int, const char *, int, const char *, unsigned int)
    return fails_at("rename", to, target) ? -1 : real(from, path, to, target, flags);
}

int linkat(int from, const char *path, int to, const char *target, int flags)
{
    REAL(int, linkat, int, const char *, int, const char *, int)
    return fails_at("link", to, target) ? -1 : real(from, path, to, target, flags);
}
