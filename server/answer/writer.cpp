#include "server/answer/writer.h"

#include "zones/dns/names_in_data.h"

namespace holdfast::server {
namespace {

using zones::NameView;
using zones::Rdata;
using zones::RRset;

using SuffixHash = std::uint32_t;

SuffixHash extend_hash(SuffixHash parent, const std::uint8_t* label) noexcept {
  constexpr std::uint64_t kFactor = 0x9fb21c651e98df25ULL;
  const std::size_t size = *label++;
  std::uint64_t hash = (parent ^ size) * kFactor;
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t word;
    std::memcpy(&word, label + i, 8);
    hash = (hash ^ word) * kFactor;
    hash ^= hash >> 32;
  }
  std::uint64_t tail = 0;
  if (i < size) std::memcpy(&tail, label + i, size - i);
  hash = (hash ^ tail) * 0xd6e8feb86659fd93ULL;
  return static_cast<SuffixHash>(hash ^ (hash >> 32));
}

/// Where each label of a name begins, and the hash of the name from there on: one pass gives that of all suffixes.
struct Suffixes {
  std::array<std::uint8_t, zones::kMaxLabels> offsets;
  std::array<SuffixHash, zones::kMaxLabels> hashes;
  std::size_t count = 0;  // labels, the root's not counted

  explicit Suffixes(NameView name) noexcept {
    for (std::size_t at = 0; name.data()[at] != 0; at += name.data()[at] + 1U) {
      offsets[count++] = static_cast<std::uint8_t>(at);
    }
    SuffixHash hash = 0;
    for (std::size_t i = count; i-- > 0;) hashes[i] = hash = extend_hash(hash, name.data() + offsets[i]);
  }
};

}  // namespace

// Of a name, the short suffixes become known first: whatever is known, its suffixes are known as well. Only the name of
// the question is known whole even if it has more labels than there is room for.
void Writer::know(NameView name, std::size_t at) noexcept {
  if (name.is_root()) return;
  const Suffixes suffixes(name);
  know(suffixes.hashes[0], at, 0);
  for (std::size_t i = suffixes.count; i-- > 1;) know(suffixes.hashes[i], at + suffixes.offsets[i], 0);
}

const Writer::Known* Writer::find(SuffixHash hash) const noexcept {
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
  const Suffixes suffixes(name);
  const auto& [offsets, hashes, labels] = suffixes;

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
  if (!put({name.data(), offsets[from]})) return false;
  if (pointers_ != nullptr) pointers_->push_back(static_cast<std::uint16_t>(size_));
  return put16(static_cast<std::uint32_t>(0xc000U | at));
}

bool Writer::put_data(const RRset& rrset, Rdata data) noexcept {
  const zones::CompressedNames names = zones::compressed_names(rrset.type);
  std::size_t done = names.before;
  if (!put(data.first(done))) return false;
  for (unsigned i = 0; i < names.count; ++i) {
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
