#include "relay.h"

#include <arpa/inet.h>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <list>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace sandbox {
namespace {

constexpr size_t MostConnections = 256;

union Address {
    sockaddr any;
    sockaddr_un path;
    sockaddr_in ip;
};

socklen_t address_of(const std::string& target, Address& address) {
    memset(&address, 0, sizeof address);
    if (!target.empty() && target[0] == '/') {
        if (target.size() >= sizeof address.path.sun_path) throw Fault("the socket's path has more than 107 bytes: " + target);
        address.path.sun_family = AF_UNIX;
        memcpy(address.path.sun_path, target.data(), target.size());
        return sizeof address.path;
    }
    const auto cut = target.rfind(':');
    const auto port = cut == std::string::npos ? 0 : atoi(target.c_str() + cut + 1);
    address.ip.sin_family = AF_INET;
    address.ip.sin_port = htons(static_cast<uint16_t>(port));
    if (port < 1 || port > 65535 || inet_pton(AF_INET, target.substr(0, cut).c_str(), &address.ip.sin_addr) != 1)
        throw Fault("--forward leads to a socket's path or to ADDRESS:PORT with a numeric IPv4 address, not to '" + target + "'");
    return sizeof address.ip;
}

// One direction of a connection: bytes read and not yet written, and whether the reader's end has come.
struct Pipe {
    char bytes[64 * 1024];
    size_t from = 0, to = 0;
    bool ended = false, passed_on = false;

    bool wants_to_read() const { return !ended && to == 0; }
    bool wants_to_write() const { return to > from; }
    bool done() const { return ended && !wants_to_write(); }

    bool read_from(int socket) {
        const auto count = read(socket, bytes, sizeof bytes);
        if (count > 0) to = static_cast<size_t>(count);
        else if (count == 0) ended = true;
        else return errno == EAGAIN || errno == EINTR;
        return true;
    }

    bool write_to(int socket) {
        const auto count = send(socket, bytes + from, to - from, MSG_NOSIGNAL);
        if (count < 0) return errno == EAGAIN || errno == EINTR;
        from += static_cast<size_t>(count);
        if (from == to) from = to = 0;
        return true;
    }
};

struct Connection {
    int inside, outside;
    Pipe there, back;

    bool step(short inside_events, short outside_events) {
        constexpr short readable = POLLIN | POLLHUP | POLLERR;
        if ((inside_events & readable) && there.wants_to_read() && !there.read_from(inside)) return false;
        if ((outside_events & readable) && back.wants_to_read() && !back.read_from(outside)) return false;
        if (there.wants_to_write() && !there.write_to(outside)) return false;
        if (back.wants_to_write() && !back.write_to(inside)) return false;
        pass_end(there, outside);
        pass_end(back, inside);
        return !(there.done() && back.done());
    }

    static void pass_end(Pipe& pipe, int socket) {
        if (!pipe.done() || pipe.passed_on) return;
        pipe.passed_on = true;
        shutdown(socket, SHUT_WR);
    }
};

void accept_one(int listener, const std::string& target, std::list<Connection>& connections) {
    const int inside = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (inside < 0) return;
    Address address;
    const auto size = address_of(target, address);
    const int outside = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (outside < 0 || connect(outside, &address.any, size) != 0) {
        close(inside);
        if (outside >= 0) close(outside);
        return;
    }
    fcntl(outside, F_SETFL, O_NONBLOCK);
    const int yes = 1;
    setsockopt(inside, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (address.any.sa_family == AF_INET) setsockopt(outside, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    connections.emplace_back();
    connections.back().inside = inside;
    connections.back().outside = outside;
}

short interest(const Pipe& in, const Pipe& out) {
    return static_cast<short>((in.wants_to_read() ? POLLIN : 0) | (out.wants_to_write() ? POLLOUT : 0));
}

// A hang-up is always reported: a side that has nothing to wait for is left out, or poll would not wait at all.
int watched(int socket, short events) { return events == 0 ? -1 : socket; }

}  // namespace

void bring_loopback_up() {
    const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    if (control < 0 || ioctl(control, SIOCSIFFLAGS, &request) != 0) throw fault_of("bringing the loopback interface up");
    close(control);
}

int listen_inside(int port) {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (listener < 0 || bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener, 64) != 0)
        throw fault_of("listening on 127.0.0.1:" + std::to_string(port) + " of the sandbox");
    return listener;
}

void check_target(const std::string& target) {
    Address address;
    address_of(target, address);
}

void relay(int listener, const std::string& target) {
    signal(SIGPIPE, SIG_IGN);
    std::list<Connection> connections;
    std::vector<pollfd> watch;
    for (;;) {
        watch.clear();
        watch.push_back({connections.size() < MostConnections ? listener : -1, POLLIN, 0});
        for (const auto& one : connections) {
            const auto inside = interest(one.there, one.back), outside = interest(one.back, one.there);
            watch.push_back({watched(one.inside, inside), inside, 0});
            watch.push_back({watched(one.outside, outside), outside, 0});
        }
        if (poll(watch.data(), watch.size(), -1) < 0 && errno != EINTR) _exit(1);
        size_t at = 1;
        for (auto one = connections.begin(); one != connections.end(); at += 2) {
            const bool goes_on = one->step(watch[at].revents, watch[at + 1].revents);
            if (!goes_on) {
                close(one->inside);
                close(one->outside);
            }
            one = goes_on ? std::next(one) : connections.erase(one);
        }
        if (watch[0].revents & POLLIN) accept_one(listener, target, connections);
    }
}

}  // namespace sandbox
