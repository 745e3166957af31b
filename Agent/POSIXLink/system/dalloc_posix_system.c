/*
 * dalloc_posix_system.c - sockets and serial lines of Linux, without any policy: when to try again is decided in Swift.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "dalloc_posix_system.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static dalloc_posix_result_t fail(dalloc_posix_link_t *link, int cause, const char *format, const char *detail) {
    link->cause = cause;
    (void)snprintf(link->error, sizeof link->error, format, link->target != NULL ? link->target : "the descriptor", detail);
    return DALLOC_POSIX_FAILED;
}

void dalloc_posix_system_untargeted(dalloc_posix_link_t *link, const char *what) {
    link->cause = EINVAL;
    (void)snprintf(link->error, sizeof link->error, "cannot open a link without a %s: give one", what);
}

/* MARK: TCP */

static dalloc_posix_result_t fail_to_connect(dalloc_posix_link_t *link, int cause) {
    char detail[96];
    (void)snprintf(detail, sizeof detail, "%u: %s", (unsigned)link->port, strerror(cause));
    return fail(link, cause, "cannot connect to %s:%s", detail);
}

static dalloc_posix_result_t connect_to(dalloc_posix_link_t *link, const struct addrinfo *address) {
    int descriptor = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, address->ai_protocol);
    if (descriptor < 0) return fail_to_connect(link, errno);
    int on = 1;
    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    /* A connection whose other side is gone ends within a minute, also while nothing is sent. */
    unsigned unacknowledged = 30000; /* milliseconds */
    int idle = 30, interval = 10, probes = 3; /* seconds, seconds, probes */
    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged, sizeof unacknowledged);
    (void)setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    (void)setsockopt(descriptor, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    if (connect(descriptor, address->ai_addr, address->ai_addrlen) == 0) {
        link->descriptor = descriptor;
        return DALLOC_POSIX_READY;
    }
    int cause = errno;
    if (cause == EINPROGRESS || cause == EINTR) {
        link->descriptor = descriptor;
        return DALLOC_POSIX_PENDING;
    }
    (void)close(descriptor);
    return fail_to_connect(link, cause);
}

dalloc_posix_result_t dalloc_posix_system_connect(dalloc_posix_link_t *link) {
    char service[8];
    (void)snprintf(service, sizeof service, "%u", (unsigned)link->port);
    struct addrinfo hints;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    struct addrinfo *addresses = NULL;
    int status = getaddrinfo(link->target, service, &hints, &addresses);
    if (status != 0) {
        const char *detail = status == EAI_SYSTEM ? strerror(errno) : gai_strerror(status);
        return fail(link, EHOSTUNREACH, "cannot find the host %s: %s", detail);
    }
    unsigned count = 0;
    for (const struct addrinfo *each = addresses; each != NULL; each = each->ai_next) count++;
    dalloc_posix_result_t result = DALLOC_POSIX_FAILED;
    for (unsigned tried = 0; tried < count && result == DALLOC_POSIX_FAILED; tried++) {
        const struct addrinfo *address = addresses;
        for (unsigned skip = (link->attempts + tried) % count; skip > 0; skip--) address = address->ai_next;
        result = connect_to(link, address);
    }
    freeaddrinfo(addresses);
    return result;
}

dalloc_posix_result_t dalloc_posix_system_connected(dalloc_posix_link_t *link) {
    struct pollfd poller = {link->descriptor, POLLOUT, 0};
    if (poll(&poller, 1, 0) <= 0) return DALLOC_POSIX_PENDING;
    int cause = 0;
    socklen_t length = sizeof cause;
    if (getsockopt(link->descriptor, SOL_SOCKET, SO_ERROR, &cause, &length) != 0) cause = errno;
    return cause == 0 ? DALLOC_POSIX_READY : fail_to_connect(link, cause);
}

void dalloc_posix_system_timed_out(dalloc_posix_link_t *link) { (void)fail_to_connect(link, ETIMEDOUT); }

void dalloc_posix_system_unanswered(dalloc_posix_link_t *link) {
    char port[8];
    (void)snprintf(port, sizeof port, "%u", (unsigned)link->port);
    (void)fail(link, ETIMEDOUT, "gave up the connection to %s:%s: no collector answers; is that its port for devices?", port);
}

/* MARK: Serial lines */

static speed_t speed_of(uint32_t baud) {
    switch (baud) {
        case 1200: return B1200;
        case 2400: return B2400;
        case 4800: return B4800;
        case 9600: return B9600;
        case 19200: return B19200;
        case 38400: return B38400;
        case 57600: return B57600;
        case 115200: return B115200;
        case 230400: return B230400;
        case 460800: return B460800;
        case 500000: return B500000;
        case 576000: return B576000;
        case 921600: return B921600;
        case 1000000: return B1000000;
        case 1152000: return B1152000;
        case 1500000: return B1500000;
        case 2000000: return B2000000;
        case 2500000: return B2500000;
        case 3000000: return B3000000;
        case 3500000: return B3500000;
        case 4000000: return B4000000;
        default: return B0;
    }
}

bool dalloc_posix_is_baud(uint32_t baud) { return speed_of(baud) != B0; }

static dalloc_posix_result_t set_mode(dalloc_posix_link_t *link, int descriptor) {
    struct termios mode;
    if (tcgetattr(descriptor, &mode) != 0) {
        return fail(link, errno, "cannot read the mode of %s: %s", strerror(errno));
    }
    cfmakeraw(&mode);
    mode.c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS | HUPCL);
    mode.c_cflag |= CLOCAL | CREAD;
    mode.c_iflag &= ~(tcflag_t)(IXOFF | IXANY);
    /* With VMIN 1 a read of nothing is EAGAIN, and 0 bytes mean that the line was hung up. */
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    speed_t speed = speed_of(link->baud);
    struct termios now;
    /* tcsetattr succeeds when it could make any of the changes: look at what has become of it. */
    if (cfsetispeed(&mode, speed) != 0 || cfsetospeed(&mode, speed) != 0
        || tcsetattr(descriptor, TCSANOW, &mode) != 0 || tcgetattr(descriptor, &now) != 0) {
        return fail(link, errno, "cannot set the mode of %s: %s", strerror(errno));
    }
    if (cfgetospeed(&now) != speed || (now.c_lflag & (tcflag_t)(ICANON | ECHO)) != 0) {
        return fail(link, EINVAL, "%s does not take %s", "the speed or the raw mode asked for; choose another speed");
    }
    (void)tcflush(descriptor, TCIFLUSH);
    return DALLOC_POSIX_READY;
}

dalloc_posix_result_t dalloc_posix_system_open(dalloc_posix_link_t *link) {
    if (!dalloc_posix_is_baud(link->baud)) {
        char number[16];
        (void)snprintf(number, sizeof number, "%lu", (unsigned long)link->baud);
        return fail(link, EINVAL, "cannot open %s at %s baud: not a speed of serial lines; use 115200, say", number);
    }
    int descriptor = open(link->target, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) {
        if (errno == EBUSY) return fail(link, EBUSY, "%s is in use by another program%s", "");
        return fail(link, errno, "cannot open %s: %s", strerror(errno));
    }
    dalloc_posix_result_t result;
    if (!isatty(descriptor)) {
        result = fail(link, ENOTTY, "%s is no serial line%s", "; give the path of one, such as /dev/ttyUSB0");
    } else if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        result = fail(link, EBUSY, "%s is in use by another program%s", "");
    } else if (ioctl(descriptor, TIOCEXCL) != 0) {
        result = fail(link, errno, "cannot have %s alone: %s", strerror(errno));
    } else {
        result = set_mode(link, descriptor);
        if (result == DALLOC_POSIX_READY) {
            link->descriptor = descriptor;
            return result;
        }
        (void)ioctl(descriptor, TIOCNXCL);
    }
    (void)close(descriptor);
    return result;
}

/* MARK: Descriptors of the caller */

dalloc_posix_result_t dalloc_posix_system_adopt(dalloc_posix_link_t *link) {
    int flags = fcntl(link->descriptor, F_GETFL);
    if (flags < 0 || fcntl(link->descriptor, F_SETFL, flags | O_NONBLOCK) != 0) {
        return fail(link, errno, "cannot use %s: %s", strerror(errno));
    }
    int type = 0;
    socklen_t length = sizeof type;
    link->is_socket = getsockopt(link->descriptor, SOL_SOCKET, SO_TYPE, &type, &length) == 0;
    return DALLOC_POSIX_READY;
}

bool dalloc_posix_system_is_open(const dalloc_posix_link_t *link) {
    struct pollfd poller = {link->descriptor, 0, 0};
    return poll(&poller, 1, 0) >= 0 && (poller.revents & (POLLHUP | POLLERR | POLLNVAL)) == 0;
}

/* MARK: Bytes */

static int32_t transferred(dalloc_posix_link_t *link, ssize_t count, bool is_read) {
    if (count > 0) return (int32_t)count;
    const char *detail = "the other side closed it";
    int cause = EPIPE;
    if (count < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return 0;
        cause = errno;
        detail = strerror(cause);
    } else if (!is_read) {
        return 0;
    }
    (void)fail(link, cause, "lost the link to %s: %s", detail);
    return -1;
}

int32_t dalloc_posix_system_write(dalloc_posix_link_t *link, const uint8_t *bytes, uint32_t count) {
    return transferred(
        link,
        link->is_socket ? send(link->descriptor, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT)
                        : write(link->descriptor, bytes, count),
        false);
}

int32_t dalloc_posix_system_read(dalloc_posix_link_t *link, uint8_t *bytes, uint32_t count) {
    return transferred(link, read(link->descriptor, bytes, count), true);
}

void dalloc_posix_system_close(dalloc_posix_link_t *link) {
    if (link->descriptor < 0) return;
    /* A pseudo-terminal outlives this side of it, and would stay locked for the next one. */
    if (!link->is_socket) (void)ioctl(link->descriptor, TIOCNXCL);
    (void)close(link->descriptor);
    link->descriptor = -1;
}

/* MARK: Time and chance */

uint32_t dalloc_posix_system_milliseconds(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_BOOTTIME, &now); /* goes on while the machine sleeps */
    return (uint32_t)((uint64_t)now.tv_sec * 1000U + (uint64_t)now.tv_nsec / 1000000U);
}

uint32_t dalloc_posix_system_random(void) {
    uint32_t number = 0;
    if (getrandom(&number, sizeof number, 0) == (ssize_t)sizeof number) return number;
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint32_t)now.tv_nsec * 2654435761U ^ (uint32_t)now.tv_sec ^ (uint32_t)getpid();
}
