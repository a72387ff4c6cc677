#include "server/transfer/tsig_record.h"

#include <algorithm>
#include <array>

#include "server/answer/query.h"
#include "zones/dns/type.h"
#include "zones/replicate/expand_name.h"

namespace holdfast::server {
namespace {

using zones::RrClass;
using zones::RrType;

constexpr std::size_t kTsigHeader = 10;  // behind the owner: type, class, TTL, length of the data
constexpr std::size_t kFixedData = 16;   // of TSIG, without the algorithm, the MAC and other data
constexpr std::size_t kLargest = 65535;  // octets of a message
constexpr std::uint64_t kMaxTime = (std::uint64_t{1} << 48) - 1;

std::uint16_t get16(std::span<const std::uint8_t> octets, std::size_t at) {
  return static_cast<std::uint16_t>(octets[at] << 8 | octets[at + 1]);
}

void put16(std::span<std::uint8_t> octets, std::size_t at, std::size_t value) {
  octets[at] = static_cast<std::uint8_t>(value >> 8);
  octets[at + 1] = static_cast<std::uint8_t>(value);
}

/// Steps over a name, whose pointers are not followed. @return where it ends; 0: there is none
std::size_t skip_name(std::span<const std::uint8_t> message, std::size_t at) noexcept {
  constexpr std::uint8_t kPointer = 0xc0;
  for (std::size_t size = 0; at < message.size();) {
    const std::uint8_t length = message[at];
    if ((length & kPointer) == kPointer) return message.size() - at < 2 ? 0 : at + 2;
    size += length + 1U;
    if (length > zones::kMaxLabel || size > zones::kMaxName || length >= message.size() - at) return 0;
    at += length + 1U;
    if (length == 0) return at;
  }
  return 0;
}

bool read_owner(std::span<const std::uint8_t> message, std::size_t at, TsigRecord& record) noexcept {
  std::array<std::uint8_t, zones::kMaxName> octets;
  const zones::ExpandedName name = zones::expand_name(message, at, octets.data());
  if (name.taken != 0) record.name = zones::Name(zones::NameView(octets.data(), name.size));
  return name.taken != 0;
}

/// RFC 8945 4.2. The names in it may not be compressed.
bool read_data(std::span<const std::uint8_t> data, TsigRecord& record) noexcept {
  const std::size_t name_size = record.algorithm.read(data);
  if (name_size == 0) return false;
  data = data.subspan(name_size);
  if (data.size() < kFixedData) return false;
  record.time = std::uint64_t{get16(data, 0)} << 32 | std::uint64_t{get16(data, 2)} << 16 | get16(data, 4);
  record.fudge = get16(data, 6);
  const std::size_t mac_size = get16(data, 8);
  if (mac_size > data.size() - kFixedData) return false;
  record.mac = data.subspan(10, mac_size);
  data = data.subspan(10 + mac_size);
  record.original_id = get16(data, 0);
  record.error = static_cast<TsigError>(get16(data, 2));
  record.other = data.subspan(6);
  return record.other.size() == get16(data, 4);
}

class End {
 public:
  explicit End(std::uint8_t* at) noexcept : at_(at) {}
  void put(std::span<const std::uint8_t> octets) noexcept {
    at_ = std::copy(octets.begin(), octets.end(), at_);
  }
  void put(zones::NameView name) noexcept { put(std::span(name.data(), name.size())); }
  void put16(std::size_t value) noexcept {
    *at_++ = static_cast<std::uint8_t>(value >> 8);
    *at_++ = static_cast<std::uint8_t>(value);
  }

 private:
  std::uint8_t* at_;
};

}  // namespace

std::string text(TsigError error) {
  switch (error) {
    case TsigError::none: return "NOERROR";
    case TsigError::badsig: return "BADSIG";
    case TsigError::badkey: return "BADKEY";
    case TsigError::badtime: return "BADTIME";
    case TsigError::badtrunc: return "BADTRUNC";
  }
  return "error " + std::to_string(static_cast<unsigned>(error));
}

std::size_t TsigRecord::size() const noexcept {
  return name.view().size() + kTsigHeader + algorithm.view().size() + kFixedData + mac.size() + other.size();
}

TsigPresence find_tsig(std::span<const std::uint8_t> message, TsigRecord& record, std::size_t& at) noexcept {
  if (message.size() < kHeader || message.size() > kLargest) return TsigPresence::malformed;
  const std::size_t questions = get16(message, 4);
  const std::size_t before = std::size_t{get16(message, 6)} + get16(message, 8);
  const std::size_t records = before + get16(message, 10);
  std::size_t here = kHeader;
  for (std::size_t i = 0; i < questions; ++i) {
    here = skip_name(message, here);
    if (here == 0 || message.size() - here < 4) return TsigPresence::malformed;
    here += 4;
  }
  for (std::size_t i = 0; i < records; ++i) {
    at = here;
    here = skip_name(message, here);
    if (here == 0 || message.size() - here < kTsigHeader) return TsigPresence::malformed;
    const auto type = static_cast<RrType>(get16(message, here));
    const auto header = message.subspan(here, kTsigHeader);
    const std::size_t size = get16(header, 8);
    here += kTsigHeader;
    if (type != RrType::TSIG) {
      if (message.size() - here < size) return TsigPresence::malformed;
      here += size;
      continue;
    }
    // RFC 8945 5.1: the last record of the last section, of class ANY with TTL 0; and we want nothing behind it.
    const bool is_well_placed = i + 1 == records && i >= before && message.size() - here == size;
    const bool is_well_made = static_cast<RrClass>(get16(header, 2)) == RrClass::ANY &&
                              get16(header, 4) == 0 && get16(header, 6) == 0;
    return is_well_placed && is_well_made && read_owner(message, at, record) &&
                   read_data(message.subspan(here), record)
               ? TsigPresence::present
               : TsigPresence::malformed;
  }
  return here == message.size() ? TsigPresence::absent : TsigPresence::malformed;
}

std::size_t append_tsig(std::span<std::uint8_t> buffer, std::size_t size, const TsigRecord& record) noexcept {
  const std::size_t count = size < kHeader || buffer.size() < size ? 0xffff : get16(buffer, 10);
  const std::size_t added = record.size();
  if (count == 0xffff || added > std::min(buffer.size(), kLargest) - std::min(size, kLargest)) return 0;
  put16(buffer, 10, count + 1);
  End end(buffer.data() + size);
  end.put(record.name.view());
  end.put16(static_cast<std::size_t>(RrType::TSIG));
  end.put16(static_cast<std::size_t>(RrClass::ANY));
  end.put16(0);
  end.put16(0);
  end.put16(added - record.name.view().size() - kTsigHeader);
  end.put(record.algorithm.view());
  for (const int shift : {32, 16, 0}) end.put16(record.time >> shift);
  end.put16(record.fudge);
  end.put16(record.mac.size());
  end.put(record.mac);
  end.put16(record.original_id);
  end.put16(static_cast<std::size_t>(record.error));
  end.put16(record.other.size());
  end.put(record.other);
  return size + added;
}

std::span<std::uint8_t> cut_tsig(std::span<std::uint8_t> message, std::size_t at) noexcept {
  put16(message, 10, get16(message, 10) - 1U);
  return message.first(at);
}

std::uint64_t tsig_time(std::chrono::system_clock::time_point time) noexcept {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
  return std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(seconds, 0)), kMaxTime);
}

}  // namespace holdfast::server
