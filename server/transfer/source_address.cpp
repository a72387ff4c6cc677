#include "server/transfer/source_address.h"

#include <array>
#include <cerrno>
#include <cstring>

namespace holdfast::server {
namespace {

/// What tells the kernel to send from an address (ip(7), ipv6(7)), wherever routing sends it.
class SourceControl {
 public:
  explicit SourceControl(const boost::asio::ip::address& source) {
    if (source.is_v4()) {
      in_pktinfo info{};
      const auto octets = source.to_v4().to_bytes();
      std::memcpy(&info.ipi_spec_dst, octets.data(), octets.size());
      put(IPPROTO_IP, IP_PKTINFO, info);
    } else {
      in6_pktinfo info{};
      const auto octets = source.to_v6().to_bytes();
      std::memcpy(&info.ipi6_addr, octets.data(), octets.size());
      put(IPPROTO_IPV6, IPV6_PKTINFO, info);
    }
  }
  void* data() noexcept { return octets_.data(); }
  std::size_t size() const noexcept { return size_; }

 private:
  template <class Info>
  void put(int level, int type, const Info& info) {
    auto& header = reinterpret_cast<cmsghdr&>(octets_);
    header.cmsg_level = level;
    header.cmsg_type = type;
    header.cmsg_len = CMSG_LEN(sizeof info);
    std::memcpy(CMSG_DATA(&header), &info, sizeof info);
    size_ = CMSG_SPACE(sizeof info);
  }

  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(in6_pktinfo))> octets_{};
  std::size_t size_ = 0;
};

}  // namespace

bool may_be_of_source(const boost::system::error_code& error) {
  namespace errc = boost::system::errc;
  return error == errc::address_not_available || error == errc::network_unreachable ||
         error == errc::invalid_argument;
}

void send_from(boost::asio::ip::udp::socket& socket, const boost::asio::ip::address& source,
               const boost::asio::ip::udp::endpoint& to, std::span<const std::uint8_t> octets,
               boost::system::error_code& error) {
  if (source.is_unspecified()) {
    socket.send_to(boost::asio::buffer(octets.data(), octets.size()), to, 0, error);
    return;
  }
  boost::asio::ip::udp::endpoint address = to;
  iovec data{const_cast<std::uint8_t*>(octets.data()), octets.size()};
  SourceControl control(source);
  msghdr message{};
  message.msg_name = address.data();
  message.msg_namelen = static_cast<socklen_t>(address.size());
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  error.clear();
  if (::sendmsg(socket.native_handle(), &message, MSG_NOSIGNAL) == -1)
    error.assign(errno, boost::system::system_category());
}

}  // namespace holdfast::server
