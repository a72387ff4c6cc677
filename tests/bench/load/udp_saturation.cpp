#include <sys/socket.h>

#include <array>
#include <vector>

#include "tests/bench/load/queries.h"
#include "tests/bench/load/sockets.h"

namespace holdfast::bench {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kMessage = 4096;  // octets of the largest answer that is read whole

/// One batch of messages for recvmmsg or sendmmsg.
struct Batch {
  Batch() {
    for (std::size_t i = 0; i < kBatch; ++i) {
      headers[i].msg_hdr.msg_iov = &vectors[i];
      headers[i].msg_hdr.msg_iovlen = 1;
    }
  }
  std::array<mmsghdr, kBatch> headers{};
  std::array<iovec, kBatch> vectors{};
};

/// The buffers that all ports use in turn.
struct Buffers {
  Buffers() {
    for (std::size_t i = 0; i < kBatch; ++i) in.vectors[i] = {room.data() + i * kMessage, kMessage};
  }
  Batch in, out;
  std::vector<std::uint8_t> room = std::vector<std::uint8_t>(kBatch * kMessage);
};

/// A source port with its queries on the way. A query's ID tells its slot, and which of the slot's queries it is.
class Port {
 public:
  Port(const sockaddr_in& server, std::size_t window) : socket_(udp_socket(server)), slots_(window) {
    for (std::size_t i = 0; i < window; ++i) free_.push_back(window - 1 - i);
  }

  void receive(Buffers& buffers, Tally& tally) {
    const int got = ::recvmmsg(socket_.number(), buffers.in.headers.data(), kBatch, MSG_DONTWAIT, nullptr);
    for (int i = 0; i < got; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const std::span<const std::uint8_t> message(buffers.room.data() + at * kMessage,
                                                  buffers.in.headers[at].msg_len);
      if (message.size() < kHeader || !release(static_cast<std::uint16_t>(message[0] << 8 | message[1]))) {
        ++tally.stray;
      } else {
        tally.add(message);
      }
    }
  }

  void send(Buffers& buffers, Queries& queries, Tally& tally, Clock::time_point now) {
    std::size_t count = 0;
    for (; count < kBatch && count < free_.size(); ++count) {
      const std::size_t at = free_[free_.size() - 1 - count];
      slots_[at].id =
          static_cast<std::uint16_t>(at + slots_.size() * (serial_++ % (0x10000 / slots_.size())));
      const auto query = queries.next();
      query[0] = static_cast<std::uint8_t>(slots_[at].id >> 8);
      query[1] = static_cast<std::uint8_t>(slots_[at].id);
      buffers.out.vectors[count] = {query.data(), query.size()};
    }
    if (count == 0) return;
    const int sent =
        ::sendmmsg(socket_.number(), buffers.out.headers.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
    for (int i = 0; i < sent; ++i) {
      slots_[free_.back()].waiting = true;
      slots_[free_.back()].since = now;
      free_.pop_back();
      ++tally.sent;
    }
  }

  void give_up(Tally& tally, Clock::time_point before) {
    for (const Slot& slot : slots_) {
      if (slot.waiting && slot.since < before && release(slot.id)) ++tally.lost;
    }
  }

 private:
  struct Slot {
    std::uint16_t id = 0;
    bool waiting = false;
    Clock::time_point since{};
  };

  bool release(std::uint16_t id) {
    Slot& slot = slots_[id % slots_.size()];
    if (!slot.waiting || slot.id != id) return false;
    slot.waiting = false;
    free_.push_back(id % slots_.size());
    return true;
  }

  Descriptor socket_;
  std::vector<Slot> slots_;
  std::vector<std::size_t> free_;
  std::size_t serial_ = 0;
};

}  // namespace

Result udp_saturation(const Options& options) {
  Queries queries(options.queries, options.skip);
  const sockaddr_in server = server_address(options);
  std::vector<Port> ports;
  for (unsigned i = 0; i < options.sockets; ++i) ports.emplace_back(server, options.window / options.sockets);
  Buffers buffers;
  Result result;

  const auto start = Clock::now();
  const auto end =
      start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options.seconds));
  auto look_for_lost = start + kPatience;
  auto now = start;
  for (; now < end; now = Clock::now()) {
    for (Port& port : ports) {
      port.receive(buffers, result.tally);
      port.send(buffers, queries, result.tally, now);
    }
    if (now < look_for_lost) continue;
    for (Port& port : ports) port.give_up(result.tally, now - kPatience);
    look_for_lost = now + kPatience / 10;
  }
  result.seconds = std::chrono::duration<double>(now - start).count();
  return result;
}

}  // namespace holdfast::bench
