#include "server/listen/return_path.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace holdfast::server {

ReturnPath::ReturnPath(std::shared_ptr<const Socket> socket, const msghdr& header) noexcept
    : socket_(std::move(socket)),
      peer_size_(std::min<socklen_t>(header.msg_namelen, sizeof peer_)),
      control_size_(std::min(header.msg_controllen, control_.size())) {
  std::memcpy(&peer_, header.msg_name, peer_size_);
  std::memcpy(control_.data(), header.msg_control, control_size_);
}

void ReturnPath::send(std::span<const std::uint8_t> octets) const noexcept {
  // sendmsg(2) only reads what these point to.
  iovec data{const_cast<std::uint8_t*>(octets.data()), octets.size()};
  msghdr header{};
  header.msg_name = const_cast<sockaddr_in6*>(&peer_);
  header.msg_namelen = peer_size_;
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  if (control_size_ != 0) {
    header.msg_control = const_cast<std::uint8_t*>(control_.data());
    header.msg_controllen = control_size_;
  }
  ::sendmsg(socket_->fd(), &header, MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace holdfast::server
