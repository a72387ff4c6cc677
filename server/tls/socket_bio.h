#pragma once

#include <openssl/bio.h>

namespace holdfast::server {

/// For OpenSSL: a socket that is never waited for, whether it blocks or not, and raises no SIGPIPE. Borrows the descriptor; null: no
/// memory.
BIO* socket_bio(int fd);

}  // namespace holdfast::server
