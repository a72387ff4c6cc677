#pragma once

#include <cstddef>

namespace holdfast::server {

/// How the file descriptors that the system lets us have are shared out, so that nobody's connections can take those of
/// the probes: a health check that cannot open a socket is blind.
struct Descriptors {
  std::size_t tcp_connections = 0;  ///< of all TCP workers together, those for TLS among them
  std::size_t probes = 0;           ///< in flight at once; one over HTTP takes two descriptors
  std::size_t control_connections = 0;
  std::size_t questions = 0;  ///< for the targets of ANAMEs, in flight at once
};

/// What is kept for files, and what libraries open.
inline constexpr std::size_t kSpareDescriptors = 40;

/// The soft limit of open files becomes the hard one. @return it
std::size_t raise_descriptor_limit();

/// @param limit      RLIMIT_NOFILE
/// @param listeners  sockets that are bound before
/// @param tcp_connections  how many are wanted
/// Throws std::runtime_error that says what to do when the limit is too low to serve at all.
Descriptors share_out(std::size_t limit, std::size_t listeners, std::size_t tcp_connections);

}  // namespace holdfast::server
