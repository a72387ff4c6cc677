#pragma once

#include <openssl/ssl.h>

#include <stdexcept>
#include <string>

namespace holdfast::server {

/// Thrown: a file is not as it has to be. what() names it, says what is wrong, and what to do.
struct FileError : std::runtime_error {
  FileError(const std::string& of, const std::string& is)
      : std::runtime_error(of + ": " + is), file(of), fault(is) {}
  std::string file, fault;
};

/// Shows a certificate, which stands in a PEM file before those that it was issued by, and has its key, which nobody but its
/// owner and group may read (0640 or less). Never asks for a password.
/// @param key  empty: it is in the same file
void show_certificate(SSL_CTX* context, const std::string& certificate, const std::string& key);

/// Trusts what these certify, and them.
/// @param ca_file  PEM; empty: the authorities that the system trusts
void trust(X509_STORE* store, const std::string& ca_file);

/// A certificate has to be for this host name or address. Throws std::runtime_error.
void expect_name(X509_VERIFY_PARAM* verification, const std::string& name);

}  // namespace holdfast::server
