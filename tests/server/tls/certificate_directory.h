#pragma once

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/health/probe/certificates.h"

namespace holdfast::server {

/// Files of certificates and keys, gone with it.
class CertificateDirectory {
 public:
  ~CertificateDirectory() { std::filesystem::remove_all(path_); }

  /// A file of that name with that text, readable by its owner.
  std::string write(const std::string& name, const std::string& text) const {
    const std::string file = path_ / name;
    std::ofstream(file) << text;
    ::chmod(file.c_str(), 0600);
    return file;
  }
  /// NAME.pem and NAME.key
  void write(const std::string& name, const health::Identity& identity) const {
    write(name + ".pem", identity.certificate_pem());
    write(name + ".key", identity.key_pem());
  }
  std::string operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_ = [] {
    std::string path = (std::filesystem::temp_directory_path() / "holdfast-tls-XXXXXX").string();
    return std::filesystem::path(::mkdtemp(path.data()));
  }();
};

}  // namespace holdfast::server
