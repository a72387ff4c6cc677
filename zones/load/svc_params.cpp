#include "zones/load/svc_params.h"

#include <algorithm>
#include <array>
#include <optional>

#include "zones/load/rdata_writer.h"

namespace holdfast::zones {
namespace {

enum Key : std::uint16_t { mandatory, alpn, no_default_alpn, port, ipv4hint, ech, ipv6hint, dohpath, ohttp };

constexpr std::array<std::string_view, 9> kNames = {  // RFC 9460 14.3.2, RFC 9461, RFC 9540
    "mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint", "dohpath", "ohttp"};

using Octets = std::vector<std::uint8_t>;

std::string text_of(std::uint16_t key) {
  return key < kNames.size() ? std::string(kNames[key]) : "key" + std::to_string(key);
}

std::optional<std::uint16_t> parse_key(std::string_view text) {
  const auto* known = std::find(kNames.begin(), kNames.end(), text);
  if (known != kNames.end()) return static_cast<std::uint16_t>(known - kNames.begin());
  if (!text.starts_with("key") || (text.size() > 4 && text[3] == '0')) return std::nullopt;
  const auto number = parse_number(text.substr(3), 65534);  // 65535 is reserved (RFC 9460 14.3.2)
  if (!number) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

std::string_view as_text(const Octets& octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

/// The items of a value-list, still escaped once more (RFC 9460 A.1).
std::vector<std::string_view> split_list(std::string_view list) {
  std::vector<std::string_view> items;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= list.size(); ++i) {
    if (i == list.size() || list[i] == ',') {
      items.push_back(list.substr(start, i - start));
      start = i + 1;
    } else if (list[i] == '\\') {
      ++i;
    }
  }
  return items;
}

std::string encode_mandatory(const Octets& value, RdataWriter& out) {
  std::vector<std::uint16_t> keys;
  for (const std::string_view item : split_list(as_text(value))) {
    const auto key = parse_key(item);
    if (!key) return show(item) + " is not a SvcParamKey";
    keys.push_back(*key);
  }
  std::sort(keys.begin(), keys.end());
  for (const std::uint16_t key : keys) out.put16(key);
  return {};
}

/// The value of a known key. `value` has been through the first round of escapes.
std::string encode_value(std::uint16_t key, const Octets& value, RdataWriter& out) {
  const std::string_view text = as_text(value);
  switch (key) {
    case mandatory: return encode_mandatory(value, out);
    case alpn:
      for (const std::string_view item : split_list(text)) {
        if (item.empty()) return "an empty protocol in alpn (RFC 9460 7.1.1)";
        if (std::string wrong = out.character_string(item); !wrong.empty()) return wrong;
      }
      return {};
    case port: return out.number(text, 2);
    case ipv4hint:
    case ipv6hint:
      for (const std::string_view item : split_list(text)) {
        std::string wrong = key == ipv4hint ? out.address4(item) : out.address6(item);
        if (!wrong.empty()) return wrong;
      }
      return {};
    case ech: {
      const Token token{text};
      return out.base64({&token, 1});
    }
    default: out.put(value); return {};
  }
}

/// One `key` or `key=value` with its header, as it goes into the record.
std::string encode_param(std::string_view name, std::optional<std::string_view> raw, Octets& param) {
  const auto key = parse_key(name);
  if (!key)
    return show(name) +
           " is not a SvcParamKey: take a registered name, or key0 to key65534 (RFC 9460 14.3.2)";
  RdataWriter out(param);
  out.put16(*key);
  out.put16(0);
  if (raw) {
    const auto value = unescape(*raw);
    if (!value) return show(*raw) + " has a broken escape: write \\X, or \\DDD up to \\255 (RFC 1035 5.1)";
    if (name.starts_with("key")) {
      out.put(*value);
    } else if (std::string wrong = encode_value(*key, *value, out); !wrong.empty()) {
      return std::string(name) + ": " + wrong;
    }
  }
  const std::size_t size = param.size() - 4;
  if (size > kMaxRdata)
    return std::string(name) + ": a value of " + std::to_string(size) + " octets is too long";
  param[2] = static_cast<std::uint8_t>(size >> 8);
  param[3] = static_cast<std::uint8_t>(size);
  return {};
}

std::uint16_t read16(std::span<const std::uint8_t> at) {
  return static_cast<std::uint16_t>(at[0] << 8 | at[1]);
}

std::string check_value(std::uint16_t key, std::span<const std::uint8_t> value) {
  switch (key) {
    case mandatory:
      if (value.empty() || value.size() % 2 != 0) return "mandatory needs a list of keys (RFC 9460 8)";
      for (std::size_t i = 0; i < value.size(); i += 2) {
        if (read16(value.subspan(i)) == mandatory) return "mandatory lists itself (RFC 9460 8)";
        if (i > 0 && read16(value.subspan(i)) <= read16(value.subspan(i - 2))) {
          return "mandatory lists a key twice, or out of order (RFC 9460 8)";
        }
      }
      return {};
    case alpn:
      if (value.empty()) return "alpn needs a value (RFC 9460 7.1.1)";
      while (!value.empty()) {
        if (value[0] == 0 || value[0] >= value.size())
          return "alpn holds a protocol that is empty or cut off";
        value = value.subspan(value[0] + 1U);
      }
      return {};
    case no_default_alpn:
    case ohttp:
      return value.empty() ? std::string() : text_of(key) + " takes no value (RFC 9460 7.1.1, RFC 9540 4)";
    case port: return value.size() == 2 ? std::string() : "port needs a number (RFC 9460 7.2)";
    case ipv4hint:
      return !value.empty() && value.size() % 4 == 0 ? std::string()
                                                     : "ipv4hint needs addresses (RFC 9460 7.3)";
    case ipv6hint:
      return !value.empty() && value.size() % 16 == 0 ? std::string()
                                                      : "ipv6hint needs addresses (RFC 9460 7.3)";
    case ech:
    case dohpath: return !value.empty() ? std::string() : text_of(key) + " needs a value";
    default: return {};
  }
}

}  // namespace

std::string encode_svc_params(std::span<const Token> tokens, std::vector<std::uint8_t>& wire) {
  std::vector<Octets> params;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string_view item = tokens[i].text;
    const std::size_t equals = item.find('=');
    std::optional<std::string_view> value;
    if (equals != item.npos) value = item.substr(equals + 1);
    // In key="value" the quotes begin a token of their own.
    if (value && value->empty() && i + 1 < tokens.size() && tokens[i + 1].quoted && tokens[i + 1].touches) {
      value = tokens[++i].text;
    }
    if (std::string wrong = encode_param(item.substr(0, equals), value, params.emplace_back());
        !wrong.empty())
      return wrong;
  }
  std::sort(params.begin(), params.end());  // the key comes first, big-endian
  const std::size_t start = wire.size();
  for (const Octets& param : params) wire.insert(wire.end(), param.begin(), param.end());
  return check_svc_params(std::span(wire).subspan(start));
}

std::string check_svc_params(std::span<const std::uint8_t> params) {
  std::vector<std::uint16_t> keys;
  std::span<const std::uint8_t> required;
  while (!params.empty()) {
    if (params.size() < 4) return "SvcParams are cut off (RFC 9460 2.2)";
    const std::uint16_t key = read16(params);
    const std::size_t size = read16(params.subspan(2));
    if (params.size() - 4 < size) return "SvcParams are cut off (RFC 9460 2.2)";
    if (!keys.empty() && key == keys.back()) return text_of(key) + " is given twice (RFC 9460 2.1)";
    if (!keys.empty() && key < keys.back())
      return "SvcParams are not in the order of their keys (RFC 9460 2.2)";
    const auto value = params.subspan(4, size);
    if (std::string wrong = check_value(key, value); !wrong.empty()) return wrong;
    if (key == mandatory) required = value;
    keys.push_back(key);
    params = params.subspan(4 + size);
  }
  const auto has = [&](std::uint16_t key) { return std::binary_search(keys.begin(), keys.end(), key); };
  for (; !required.empty(); required = required.subspan(2)) {
    if (!has(read16(required))) return text_of(read16(required)) + " is mandatory, but absent (RFC 9460 8)";
  }
  if (has(no_default_alpn) && !has(alpn)) return "no-default-alpn needs alpn beside it (RFC 9460 7.1.1)";
  return {};
}

}  // namespace holdfast::zones
