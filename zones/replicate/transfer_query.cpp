#include "zones/replicate/transfer_query.h"

#include "zones/replicate/edns.h"

namespace holdfast::zones {
namespace {

void put16(std::vector<std::uint8_t>& octets, std::size_t value) {
  octets.push_back(static_cast<std::uint8_t>(value >> 8));
  octets.push_back(static_cast<std::uint8_t>(value));
}

std::vector<std::uint8_t> query(std::uint16_t id, NameView apex, RrType type, bool has_authority, bool edns) {
  std::vector<std::uint8_t> octets;
  put16(octets, id);
  put16(octets, 0);  // a query, and nothing else
  put16(octets, 1);
  put16(octets, 0);
  put16(octets, has_authority ? 1 : 0);
  put16(octets, edns ? 1 : 0);
  octets.insert(octets.end(), apex.data(), apex.data() + apex.size());
  put16(octets, static_cast<std::size_t>(type));
  put16(octets, static_cast<std::size_t>(RrClass::IN));
  return octets;
}

}  // namespace

std::vector<std::uint8_t> soa_query(std::uint16_t id, NameView apex, bool edns) {
  std::vector<std::uint8_t> octets = query(id, apex, RrType::SOA, false, edns);
  if (edns) add_edns(octets);
  return octets;
}

std::vector<std::uint8_t> transfer_query(const TransferQuestion& question, bool edns) {
  std::vector<std::uint8_t> octets =
      query(question.id, question.apex, question.type(), question.is_incremental, edns);
  if (question.is_incremental) {  // of our SOA nothing counts but the serial
    put16(octets, 0xc000 | kMessageHeader);
    put16(octets, static_cast<std::size_t>(RrType::SOA));
    put16(octets, static_cast<std::size_t>(RrClass::IN));
    put16(octets, 0), put16(octets, 0);
    put16(octets, 2 + kSoaNumbers);
    octets.push_back(0), octets.push_back(0);
    put16(octets, question.have->value() >> 16);
    put16(octets, question.have->value() & 0xffff);
    octets.resize(octets.size() + kSoaNumbers - 4);
  }
  if (edns) add_edns(octets);
  return octets;
}

}  // namespace holdfast::zones
