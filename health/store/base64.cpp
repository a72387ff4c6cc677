#include "health/store/base64.h"

#include <openssl/evp.h>

namespace holdfast::health {

std::string to_base64(std::string_view octets) {
  std::string text((octets.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends it with a zero
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(octets.data()), static_cast<int>(octets.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::size_t padding = 0;
  while (padding < 2 && text.size() > padding && text[text.size() - 1 - padding] == '=') ++padding;
  // OpenSSL passes over white space, and takes padding anywhere.
  if (text.size() % 4 != 0 || text.substr(0, text.size() - padding).find_first_not_of(kAlphabet) != text.npos)
    return std::nullopt;
  std::string octets(text.size() / 4 * 3, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(octets.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return std::nullopt;
  octets.resize(static_cast<std::size_t>(size) - padding);
  return octets;
}

}  // namespace holdfast::health
