#include "zones/replicate/catalog.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <new>

namespace holdfast::zones {
namespace {

constexpr std::string_view kVersion = "2";  // the only one (RFC 9432 4.2.1)

bool is_label(NameView name, std::string_view text) {
  const auto label = name.label();
  return std::equal(label.begin(), label.end(), text.begin(), text.end());
}

/// The strings of a TXT record, put together.
std::string text_of(Rdata txt) {
  std::string text;
  while (!txt.empty()) {
    const std::size_t size = std::min<std::size_t>(txt[0], txt.size() - 1);
    text.append(reinterpret_cast<const char*>(txt.data()) + 1, size);
    txt = txt.subspan(size + 1);
  }
  return text;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kMost = 40;
  std::string quoted = "\"";
  for (const char c : text.substr(0, kMost)) quoted += c >= ' ' && c <= '~' ? c : '?';
  return quoted + (text.size() > kMost ? "...\"" : "\"");
}

/// What is wrong with the version; empty: nothing.
std::string version_problem(const Zone& zone, Node node) {
  const RRset txt = node ? zone.rrset(node, RrType::TXT) : RRset();
  const std::string where = "version." + zone.apex().text();
  if (txt.empty()) return "it is no catalog: there is no TXT record at " + where;
  if (txt.count != 1) return "it is no catalog: there are several TXT records at " + where;
  const std::string version = text_of(*txt.begin());
  return version == kVersion
             ? ""
             : "it is a catalog of version " + in_quotes(version) + ", and only \"2\" is known";
}

struct MemberPlace {
  NameView member{};      // the name right below "zones"
  std::size_t below = 0;  // labels that the node has more than that
};
/// Of a name below "zones".
MemberPlace place_of(NameView name, std::size_t labels_of_apex) {
  MemberPlace place{name, name.labels() - labels_of_apex - 2};
  for (std::size_t i = 0; i < place.below; ++i) place.member = place.member.parent();
  return place;
}

void add_property(const Zone& zone, Node node, CatalogMember& member) {
  if (is_label(node.name(), "group")) {
    for (const Rdata txt : zone.rrset(node, RrType::TXT)) member.groups.push_back(text_of(txt));
  } else if (is_label(node.name(), "coo")) {
    const RRset ptr = zone.rrset(node, RrType::PTR);
    if (ptr.count != 1) return;
    Name catalog;  // in lower case
    catalog.read(*ptr.begin());
    member.moves_to.assign(reinterpret_cast<const char*>(catalog.view().data()), catalog.view().size());
  }
}

}  // namespace

Catalog members_of(const Zone& zone) {
  if (!zone.is_available()) return {.problem = "it is not there"};
  const auto refused = [](std::string why) { return Catalog{.problem = std::move(why)}; };
  const auto apex = zone.apex();
  const auto below_apex = [&](std::string_view label) {
    std::vector<std::uint8_t> prefix{static_cast<std::uint8_t>(label.size())};
    prefix.insert(prefix.end(), label.begin(), label.end());
    return Name::join(prefix, apex);
  };
  const auto version = below_apex("version");
  const auto list = below_apex("zones");
  if (!version || !list) return refused("it is no catalog: its name has no room for members");
  if (std::string problem = version_problem(zone, zone.find(*version)); !problem.empty())
    return refused(std::move(problem));

  Catalog catalog;
  const std::size_t labels_of_apex = apex.labels();
  NameView member;  // whose properties come next, if any do: the nodes are in canonical order
  for (const Node node : zone.nodes()) {
    if (node.name() == list->view() || !node.name().is_at_or_below(*list)) continue;
    const MemberPlace place = place_of(node.name(), labels_of_apex);
    if (place.below == 1 && !catalog.members.empty() && place.member == member) {
      add_property(zone, node, catalog.members.back());
    }
    if (place.below != 0) continue;
    const RRset ptr = zone.rrset(node, RrType::PTR);
    if (ptr.count > 1) return refused("it is broken: there are several PTR records at " + node.name().text());
    if (ptr.empty()) continue;
    const auto label = node.name().label();
    member = node.name();
    catalog.members.push_back({.label = {label.begin(), label.end()}});
    catalog.members.back().zone.read(*ptr.begin());
  }
  std::sort(catalog.members.begin(), catalog.members.end(),
            [](const CatalogMember& a, const CatalogMember& b) { return a.zone < b.zone; });
  const auto twice = std::adjacent_find(catalog.members.begin(), catalog.members.end(),
                                        [](const auto& a, const auto& b) { return a.zone == b.zone; });
  if (twice != catalog.members.end())
    return refused("it is broken: it lists " + twice->zone.text() + " twice");
  return catalog;
}

std::string label_of(NameView member) {
  constexpr std::size_t kOctets = 16;  // nobody finds two names with the same
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> hash{};
  if (EVP_Digest(member.data(), member.size(), hash.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::bad_alloc();  // SHA-256 knows no other reason
  std::string label;
  for (std::size_t i = 0; i < kOctets; ++i) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    label += kDigits[hash[i] >> 4];
    label += kDigits[hash[i] & 15];
  }
  return label;
}

std::shared_ptr<Zone> catalog_of(NameView apex, std::span<const ListedZone> zones) {
  // Of the SOA and NS nothing is meant to be used (RFC 9432 4); a consumer asks by these timers where it was not notified.
  constexpr std::array<std::uint32_t, 5> kSoa{1, 3600, 600, 2147483646, 0};
  const Name invalid = *Name::parse("invalid");
  std::vector<std::uint8_t> soa(invalid.view().data(), invalid.view().data() + invalid.view().size());
  soa.insert(soa.end(), invalid.view().data(), invalid.view().data() + invalid.view().size());
  for (const std::uint32_t number : kSoa) {
    for (int shift = 24; shift >= 0; shift -= 8) soa.push_back(static_cast<std::uint8_t>(number >> shift));
  }
  const auto txt = [](std::string_view text) {
    std::vector<std::uint8_t> data{static_cast<std::uint8_t>(text.size())};
    data.insert(data.end(), text.begin(), text.end());
    return data;
  };
  const auto below = [&](std::string_view label, NameView name) { return *Name::join(txt(label), name); };

  RecordList records;
  records.reserve(3 + 2 * zones.size());
  records.add(apex, RrType::SOA, 0, soa);
  records.add(apex, RrType::NS, 0, {invalid.view().data(), invalid.view().size()});
  records.add(below("version", apex), RrType::TXT, 0, txt(kVersion));
  const Name list = below("zones", apex);
  for (const ListedZone& one : zones) {
    const Name member = below(label_of(one.zone), list);
    records.add(member, RrType::PTR, 0, {one.zone.data(), one.zone.size()});
    if (!one.group.empty()) records.add(below("group", member), RrType::TXT, 0, txt(one.group));
  }
  records.sort(apex);
  return std::make_shared<Zone>(apex, records, std::span<const LiveName>());
}

}  // namespace holdfast::zones
