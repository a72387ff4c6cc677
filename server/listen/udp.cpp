#include "server/listen/udp.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "server/listen/privileged.h"
#include "server/listen/sender.h"

namespace holdfast::server {
namespace {

constexpr std::size_t kBatch = 64;  // messages in one system call
// Octets, at least, however little we say that we take (edns_size); a longer query is cut off, and then
// answered with FORMERR.
constexpr std::size_t kQuery = 2048;
// Between buffers, which would drive each other out of the cache if all began at the same place of a page.
constexpr std::size_t kApart = 64;
constexpr std::size_t kReply = 4096;  // octets; EDNS has no more room (config/options.cpp)
constexpr std::size_t kControl = CMSG_SPACE(sizeof(in6_pktinfo));
// After the end was asked for: what was received by then is answered, but a flood does not keep us here.
constexpr unsigned kLastBatches = 256;
// How long an idle worker may hold on to zones that were replaced.
constexpr timeval kIdle{.tv_sec = 1, .tv_usec = 0};

/// The messages of one batch, each with its sender, and the replies, packed so that they take few pages.
class Batch {
 public:
  /// @param largest  query that is to be read whole, octets
  explicit Batch(std::size_t largest)
      : queries_(std::make_unique_for_overwrite<std::uint8_t[]>(kBatch * (largest + kApart))) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      query_data_[i] = {queries_.get() + i * (largest + kApart), largest};
      reset(i);
    }
  }

  /// @return messages received; 0 on a time-out or an error, all of which pass
  std::size_t receive(int fd) noexcept {
    for (std::size_t i = 0; i < used_; ++i) reset(i);
    const int count = ::recvmmsg(fd, incoming_.data(), kBatch, MSG_WAITFORONE, nullptr);
    used_ = count > 0 ? static_cast<std::size_t>(count) : 0;
    return used_;
  }

  /// What was received.
  std::span<Exchange> exchanges() noexcept {
    for (std::size_t i = 0; i < used_; ++i) {
      exchanges_[i].query = {static_cast<std::uint8_t*>(query_data_[i].iov_base), incoming_[i].msg_len};
      exchanges_[i].sender = sender_of(reinterpret_cast<const sockaddr&>(senders_[i]));
    }
    return {exchanges_.data(), used_};
  }
  std::span<std::uint8_t> room() noexcept { return replies_; }
  /// A shut down socket hands out empty messages without a sender.
  bool has_sender(std::size_t i) const noexcept { return incoming_[i].msg_hdr.msg_namelen != 0; }

  /// Puts the reply to message `i` among those to send.
  void queue(std::size_t i) noexcept {
    const std::span<const std::uint8_t> reply = exchanges_[i].reply;
    reply_data_[queued_] = {const_cast<std::uint8_t*>(reply.data()), reply.size()};  // is only read
    msghdr& header = outgoing_[queued_].msg_hdr;
    header = incoming_[i].msg_hdr;
    header.msg_iov = &reply_data_[queued_];
    header.msg_flags = 0;
    if (header.msg_controllen != 0) unbind_interface(header);
    if (header.msg_controllen == 0) header.msg_control = nullptr;
    ++queued_;
  }

  ReturnPath way_back(std::size_t i, std::shared_ptr<const Socket> socket) noexcept {
    msghdr header = incoming_[i].msg_hdr;
    if (header.msg_controllen != 0) unbind_interface(header);
    return ReturnPath(std::move(socket), header);
  }

  /// Sends what was queued. @return replies that the kernel did not take.
  std::size_t send(int fd) noexcept {
    std::size_t failed = 0;
    for (std::size_t done = 0; done < queued_;) {
      const int sent = ::sendmmsg(fd, outgoing_.data() + done, static_cast<unsigned>(queued_ - done), 0);
      if (sent > 0) {
        done += static_cast<std::size_t>(sent);
      } else if (errno != EINTR) {
        ++failed;  // the first of the rest is what failed; the others may yet go
        ++done;
      }
    }
    queued_ = 0;
    return failed;
  }

 private:
  void reset(std::size_t i) noexcept {
    msghdr& header = incoming_[i].msg_hdr;
    header.msg_name = &senders_[i];
    header.msg_namelen = sizeof senders_[i];
    header.msg_iov = &query_data_[i];
    header.msg_iovlen = 1;
    header.msg_control = controls_[i].data();
    header.msg_controllen = kControl;
  }

  /// What told us the address that was asked tells the kernel to reply from it; the interface is for routing to choose.
  static void unbind_interface(msghdr& header) noexcept {
    for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr;
         control = CMSG_NXTHDR(&header, control)) {
      if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
        in_pktinfo info;
        std::memcpy(&info, CMSG_DATA(control), sizeof info);
        info.ipi_ifindex = 0;
        std::memcpy(CMSG_DATA(control), &info, sizeof info);
      } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
        in6_pktinfo info;
        std::memcpy(&info, CMSG_DATA(control), sizeof info);
        if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) info.ipi6_ifindex = 0;
        std::memcpy(CMSG_DATA(control), &info, sizeof info);
      }
    }
  }

  const std::unique_ptr<std::uint8_t[]> queries_;
  std::array<std::uint8_t, kReply * kBatch> replies_;
  std::array<sockaddr_in6, kBatch> senders_;  // or sockaddr_in, which is shorter
  alignas(cmsghdr) std::array<std::array<char, kControl>, kBatch> controls_;
  std::array<Exchange, kBatch> exchanges_;
  std::array<iovec, kBatch> query_data_, reply_data_;
  std::array<mmsghdr, kBatch> incoming_{}, outgoing_{};
  std::size_t used_ = kBatch;
  std::size_t queued_ = 0;
};

}  // namespace

UdpWorker::UdpWorker(Socket socket, const Source& source)
    : socket_(std::make_shared<const Socket>(std::move(socket))), view_(source, Transport::udp) {
  ::setsockopt(socket_->fd(), SOL_SOCKET, SO_RCVTIMEO, &kIdle, sizeof kIdle);
  thread_ = std::thread([this] { run(); });
}

UdpWorker::~UdpWorker() {
  stopping_.store(true, std::memory_order_relaxed);
  ::shutdown(socket_->fd(), SHUT_RD);  // wakes a thread that waits, although it reports ENOTCONN (Linux)
  thread_.join();
}

/// What a worker does not know how to answer. It is rare.
void UdpWorker::answer_privileged(Privileged& privileged, std::span<Exchange> exchanges,
                                  const Serving& serving,
                                  const std::function<ReturnPath(std::size_t)>& way_back) {
  std::size_t used = 0;
  for (std::size_t i = 0; i < exchanges.size(); ++i) {
    Exchange& exchange = exchanges[i];
    if (!exchange.answered.is_privileged) continue;
    if (privileged_replies_.size() < kBatch * kReply) privileged_replies_.resize(kBatch * kReply);
    const std::span<std::uint8_t> room(privileged_replies_.data() + kReply * used++, kReply);
    const Privileged::Reply reply =
        privileged.answer(exchange.query, room, serving, Transport::udp, exchange.sender);
    if (reply.is_left) continue;
    if (reply.is_to_take) {  // counted as if it had been done
      privileged.take(exchange.query, way_back(i));
      exchange.reply = {};
      exchange.answered.rcode = zones::Rcode::noerror;
      continue;
    }
    const std::size_t size = reply.size;
    exchange.reply = room.first(size);
    exchange.answered.size = size;
    if (size != 0) exchange.answered.rcode = static_cast<zones::Rcode>(room[3] & 0xf);
  }
}

void UdpWorker::run() {
  const auto batch =
      std::make_unique<Batch>(std::max<std::size_t>(kQuery, view_.latest().identity.edns_size));
  Counters& counters = *view_.counters;
  unsigned last_batches = 0;
  for (;;) {
    const std::size_t count = batch->receive(socket_->fd());
    const std::span<Exchange> exchanges = batch->exchanges();
    const Serving serving = view_.latest();
    answer(exchanges, batch->room(), serving, Transport::udp);
    if (view_.privileged() != nullptr) {
      answer_privileged(*view_.privileged(), exchanges, serving,
                        [&](std::size_t i) { return batch->way_back(i, socket_); });
    }
    bool any = false;
    for (std::size_t i = 0; i < count; ++i) {
      if (!batch->has_sender(i)) continue;
      any = true;
      counters.prefetch(exchanges[i].answered);
      if (!exchanges[i].reply.empty()) batch->queue(i);
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (batch->has_sender(i)) counters.count(exchanges[i].answered);
    }
    if (const std::size_t unsent = batch->send(socket_->fd()); unsent != 0) counters.unsent.add(unsent);
    if (stopping_.load(std::memory_order_relaxed) && (!any || ++last_batches == kLastBatches)) return;
  }
}

}  // namespace holdfast::server
