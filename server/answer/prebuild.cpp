#include "server/answer/prebuild.h"

#include "server/answer/encode.h"
#include "server/answer/resolve.h"
#include "server/answer/writer.h"
#include "zones/dns/names_in_data.h"

namespace holdfast::server {
namespace {

using zones::Name;
using zones::NameView;
using zones::Node;
using zones::Prebuilt;
using zones::PrebuiltWriter;
using zones::RRset;
using zones::RrType;
using zones::Zone;

/// Encodes answers of one zone, for names that are asked as they stand in it.
class Prebuilder {
 public:
  explicit Prebuilder(const Zone& zone)
      : zone_(zone), alone_({{std::shared_ptr<const Zone>(std::shared_ptr<void>(), &zone), 0}}) {}

  void operator()(Node node, const RRset& rrset, PrebuiltWriter& out) const {
    if (!node.is_authoritative()) {
      if (node.is_cut() && rrset.type == RrType::NS) add_referral(node, out);
    } else if (rrset.type == RrType::SOA) {  // the SOA itself is copied as it is stored
      add_negative(out);
    } else if (!zones::is_plain(rrset.type)) {
      const std::optional<Name> asked = name_to_ask(node);
      if (!asked) return;
      add(node, *asked, rrset.type, out);
      if (rrset.type != RrType::CNAME || !stays_among_nodes(rrset)) return;
      for (const RrType type : {RrType::A, RrType::AAAA}) add(node, *asked, type, out);
    }
  }

 private:
  /// A name that the node answers for. For a wildcard, one that cannot be mistaken for a name in the answer, since those
  /// would become pointers to the name of the question, whatever that is in the end; and no name is shorter.
  std::optional<Name> name_to_ask(Node node) const {
    if (!node.name().is_wildcard()) return Name(node.name());
    constexpr std::uint8_t kStrange[] = {1, 0};
    const std::optional<Name> asked = Name::join(kStrange, node.name().parent());
    return asked && !zone_.find(*asked) ? asked : std::nullopt;
  }

  /// Whether all that a CNAME leads to are nodes. Else its answer is not whole, and could be long in the making: DNAMEs
  /// make names that lead to further ones.
  bool stays_among_nodes(RRset cname) const {
    for (std::size_t i = 0; i < kMaxChain; ++i) {
      const Node target = zone_.find(zones::name_in(*cname.begin()));
      if (!target) return false;
      cname = zone_.rrset(target, RrType::CNAME);
      if (cname.empty()) return true;
    }
    return false;
  }

  void add_referral(Node cut, PrebuiltWriter& out) const {
    Response response;
    zones::Client nobody;
    zones::LiveView live(nothing_live_, nobody, {});
    refer(zone_, cut, live, response);
    if (!response.depends_on_health) write(cut, cut.name(), Prebuilt::kWhateverAsked, response, out);
  }

  void add(Node node, NameView asked, RrType type, PrebuiltWriter& out) const {
    Query query;
    query.name = zones::HashedName(asked);
    query.type = type;
    query.rr_class = zones::RrClass::IN;
    Response response;
    zones::Client nobody;
    zones::LiveView live(nothing_live_, nobody, {});
    resolve(query, alone_, live, Identity(), response);
    if (is_whole(response, type)) write(node, asked, type, response, out);
  }

  /// Whether the answer ends with what was asked for, and all but its first owner are names of the zone that health
  /// has no say in.
  bool is_whole(const Response& response, RrType type) const {
    const auto answers = response.answers();
    if (response.rcode != zones::Rcode::noerror || response.depends_on_health) return false;
    if (answers.empty() || answers.back().rrset.type != type) return false;
    for (const Response::Item& item : answers) {
      const Node owner = zone_.find(item.owner);
      if (!owner && &item != answers.data()) return false;
      if (owner && owner.live() != zones::kNotLive) return false;
    }
    return true;
  }

  void add_negative(PrebuiltWriter& out) const {
    Response response;
    response.add_authority({zone_.apex(), zone_.negative_soa()});
    write(zone_.apex_node(), zone_.apex(), Prebuilt::kWhateverAsked, response, out);
  }

  static std::size_t leads_to(std::span<const std::uint8_t> message, std::size_t pointer) {
    return static_cast<std::size_t>(message[pointer] & 0x3f) << 8 | message[pointer + 1];
  }

  /// Those pointers that lead elsewhere when the question's name is longer: for an answer from above the name, all; for
  /// that of a wildcard, all but those to the name itself. Else the name asked is always the same.
  static void keep_those_to_raise(Node node, RrType type, std::span<const std::uint8_t> message,
                                  std::vector<std::uint16_t>& pointers) {
    if (type == Prebuilt::kWhateverAsked) return;
    const bool wildcard = node.name().is_wildcard();
    std::erase_if(pointers,
                  [&](std::uint16_t pointer) { return !wildcard || leads_to(message, pointer) == kHeader; });
  }

  void write(Node node, NameView asked, RrType type, const Response& response, PrebuiltWriter& out) const {
    const std::size_t start = kHeader + asked.size() + 4;
    std::array<std::uint8_t, kHeader + zones::kMaxName + 4 + Prebuilt::kMaxSize> message;
    std::copy_n(asked.data(), asked.size(), message.begin() + kHeader);
    Writer writer(message, start, message.size(), zones::RrClass::IN);
    writer.know(asked, kHeader);
    static thread_local std::vector<std::uint16_t> pointers;
    pointers.clear();
    writer.note_pointers(pointers);
    Counts counts;
    if (!put_sections(response, writer, counts)) return;
    if (counts.answers > 255 || counts.authorities > 255 || counts.additional > 255) return;

    // A name in the records themselves that is the one we ask with would be taken for that of the question.
    const auto to_question = static_cast<std::size_t>(std::count_if(
        pointers.begin(), pointers.end(), [&](auto at) { return leads_to(message, at) == kHeader; }));
    if (type != Prebuilt::kWhateverAsked && node.name().is_wildcard() &&
        to_question != response.answers().front().rrset.count)
      return;
    keep_those_to_raise(node, type, message, pointers);
    for (std::uint16_t& pointer : pointers) pointer = static_cast<std::uint16_t>(pointer - start);
    Prebuilt head{};
    head.type = type;
    head.answers = static_cast<std::uint8_t>(counts.answers);
    head.authorities = static_cast<std::uint8_t>(counts.authorities);
    head.additional = static_cast<std::uint8_t>(counts.additional);
    head.name_size = static_cast<std::uint8_t>(asked.size());
    out.add(head, pointers, {message.data() + start, writer.size() - start});
  }

  const Zone& zone_;
  const zones::Snapshot alone_;
  const zones::LiveTable nothing_live_;
};

}  // namespace

void prebuild(Zone& zone) {
  const Prebuilder prebuilder(zone);
  zone.prebuild([&](Node node, const RRset& rrset, PrebuiltWriter& out) { prebuilder(node, rrset, out); });
}

}  // namespace holdfast::server
