#include "server/answer/writer.h"

namespace holdfast::server {
namespace {

using zones::HashedName;
using zones::NameHash;
using zones::NameView;
using zones::Rdata;
using zones::RRset;
using zones::RrType;

/// Data of the types of RFC 1035: octets before the names, and how many names. Only these are compressed.
struct Layout {
  std::uint8_t before = 0;
  std::uint8_t names = 0;
};

Layout layout(RrType type) noexcept {
  switch (type) {
    case RrType::NS:
    case RrType::MD:
    case RrType::MF:
    case RrType::CNAME:
    case RrType::MB:
    case RrType::MG:
    case RrType::MR:
    case RrType::PTR: return {0, 1};
    case RrType::SOA:
    case RrType::MINFO: return {0, 2};
    case RrType::MX: return {2, 1};
    default: return {};
  }
}

}  // namespace

// Of a name, the short suffixes become known first: whatever is known, its suffixes are known as well. Only the name of
// the question is known whole even if it has more labels than there is room for.
void Writer::know(const HashedName& name, std::size_t at) noexcept {
  know(name.hash(0), at, 0);
  for (std::size_t i = name.labels(); i-- > 1;) know(name.hash(i), at + name.offset(i), 0);
}

const Writer::Known* Writer::find(NameHash hash) const noexcept {
  for (std::size_t k = 0; k < known_; ++k) {
    if (names_[k].hash == hash && names_[k].hops < kMaxHops) return &names_[k];
  }
  return nullptr;
}

/// Names in a message are in lower case but for the question's, which is as it was asked.
bool Writer::stands_at(NameView name, std::size_t at) const noexcept {
  const std::uint8_t* expected = name.data();
  for (;;) {
    while ((octets_[at] & 0xc0) == 0xc0) at = (octets_[at] & 0x3fU) << 8 | octets_[at + 1];
    const std::size_t length = octets_[at];
    if (length != *expected) return false;
    if (length == 0) return true;
    for (std::size_t i = 1; i <= length; ++i) {
      if (zones::lower(octets_[at + i]) != expected[i]) return false;
    }
    at += length + 1;
    expected += length + 1;
  }
}

bool Writer::put_name(NameView name) noexcept {
  // The offsets of the labels, then the hashes of the suffixes from the root on.
  std::array<std::uint8_t, zones::kMaxLabels> offsets;
  std::size_t labels = 0;
  for (std::size_t offset = 0; name.data()[offset] != 0; offset += name.data()[offset] + 1U) {
    offsets[labels++] = static_cast<std::uint8_t>(offset);
  }
  std::array<NameHash, zones::kMaxLabels> hashes;
  NameHash hash = zones::kRootHash;
  for (std::size_t i = labels; i-- > 0;) {
    const std::uint8_t* label = name.data() + offsets[i];
    hashes[i] = hash = zones::extend_hash(hash, {label + 1, label[0]});
  }

  // Most names stand there whole. Else the suffixes are looked for from the short ones on, up to the first that is not
  // known: a name of many labels costs no more than one of few.
  std::size_t from = labels;
  const Known* there = labels != 0 ? find(hashes[0]) : nullptr;
  if (there != nullptr) {
    from = 0;
  } else {
    for (const Known* longer; from > 1 && (longer = find(hashes[from - 1])) != nullptr; --from)
      there = longer;
  }
  if (there != nullptr && !stands_at({name.data() + offsets[from], name.size() - offsets[from]}, there->at)) {
    there = nullptr;  // two names with one hash
    from = labels;
  }

  const std::size_t start = size_;
  const auto hops = static_cast<std::uint16_t>(there != nullptr ? there->hops + 1 : 0);
  const std::size_t at = there != nullptr ? there->at : 0;
  for (std::size_t i = from; i-- > 0;) know(hashes[i], start + offsets[i], hops);
  if (there == nullptr) return put({name.data(), name.size()});
  return put({name.data(), offsets[from]}) && put16(static_cast<std::uint32_t>(0xc000U | at));
}

bool Writer::put_data(const RRset& rrset, Rdata data) noexcept {
  const Layout names = layout(rrset.type);
  std::size_t done = names.before;
  if (!put(data.first(done))) return false;
  for (unsigned i = 0; i < names.names; ++i) {
    const NameView name = zones::name_in(data.subspan(done));
    if (!put_name(name)) return false;
    done += name.size();
  }
  return put(data.subspan(done));
}

bool Writer::put_record(NameView owner, const RRset& rrset, Rdata data) noexcept {
  if (!put_name(owner) || !put16(static_cast<std::uint16_t>(rrset.type)) ||
      !put16(static_cast<std::uint16_t>(rr_class_)) || !put32(rrset.ttl)) {
    return false;
  }
  const std::size_t length_at = size_;
  if (!put16(0) || !put_data(rrset, data)) return false;
  patch16(length_at, size_ - length_at - 2);
  return true;
}

}  // namespace holdfast::server
