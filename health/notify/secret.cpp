#include "health/notify/secret.h"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace holdfast::health {
namespace {

struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

}  // namespace

std::variant<std::string, SecretFault> read_guarded(const std::string& file, std::size_t most) {
  const Descriptor opened{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (opened.number < 0) return SecretFault{"cannot be opened: " + std::generic_category().message(errno)};
  struct stat status {};
  if (::fstat(opened.number, &status) != 0 || !S_ISREG(status.st_mode)) return SecretFault{"is no file"};
  constexpr mode_t kOthers = S_IWGRP | S_IXGRP | S_IRWXO;
  if ((status.st_mode & kOthers) != 0) {
    return SecretFault{fmt::format("has mode {:04o}, so others could read or change the secret; chmod 0640",
                                   status.st_mode & 07777)};
  }
  std::string text(most, '\0');
  const ssize_t size = ::read(opened.number, text.data(), text.size());
  if (size < 0) return SecretFault{"cannot be read: " + std::generic_category().message(errno)};
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::variant<std::string, SecretFault> read_secret(const std::string& file) {
  const auto fault = [&](std::string_view what) { return SecretFault{fmt::format("{}: {}", file, what)}; };
  auto read = read_guarded(file, kMaxSecret + 1);
  if (const auto* refused = std::get_if<SecretFault>(&read)) return fault(refused->what);
  std::string text = std::get<std::string>(std::move(read));
  text.resize(std::min(text.find_first_of("\r\n"), text.size()));
  if (text.empty()) return fault("has nothing in its first line; write the secret there");
  if (text.size() > kMaxSecret)
    return fault(fmt::format("has more than {} octets in its first line", kMaxSecret));
  if (text.find('\0') != text.npos) return fault("has a zero octet in its first line");
  return text;
}

}  // namespace holdfast::health
