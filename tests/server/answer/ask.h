#pragma once

#include <ldns/ldns.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "server/answer/answer.h"
#include "server/answer/prebuild.h"
#include "zones/load/load.h"

namespace holdfast::server {

/// A reply as people read it: records in presentation format, single-spaced, sorted within their section.
struct DecodedReply {
  std::string status;  ///< "NOERROR aa", "REFUSED", "NOERROR aa tc"
  std::vector<std::string> answer, authority, additional;
  std::vector<std::uint8_t> octets;  ///< empty: nothing was sent
  Answered answered;
};

/// Zones from text, asked through answer().
class Zones {
 public:
  /// @param live_names  of the first zone
  /// @param prebuilt  as they are served; false: every answer is worked out
  explicit Zones(const std::vector<std::pair<std::string, std::string>>& zones,
                 const std::vector<zones::LiveName>& live_names = {}, bool prebuilt = true) {
    std::vector<zones::ServedZone> served;
    for (const auto& [apex, text] : zones) {
      const auto name = zones::Name::parse(apex).value();
      const auto number = static_cast<zones::ZoneNumber>(served.size());
      const auto loaded = zones::load_zone_text(name, text, apex + ".zone", {},
                                                number == 0 ? live_names : std::vector<zones::LiveName>{});
      if (loaded.zone == nullptr) throw std::runtime_error(loaded.problems.at(0).text());
      if (prebuilt) prebuild(*loaded.zone);
      served.push_back({.zone = loaded.zone, .number = number, .is_versioned = true});
    }
    snapshot_ = zones::Snapshot(std::move(served), live_names.size());
  }

  Zones(const std::string& apex, const std::string& text)
      : Zones(std::vector<std::pair<std::string, std::string>>{{apex, text}}) {}

  Identity identity{.nsid = "ns1.test", .version = "holdfast test", .edns_size = 1232};
  std::shared_ptr<const zones::LiveTable> live = std::make_shared<zones::LiveTable>();
  zones::LiveTime now{};
  zones::Wishes* wishes = nullptr;
  std::shared_ptr<const zones::SerialTable> serials = std::make_shared<zones::SerialTable>();

  Serving serving() const {
    return {.zones = snapshot_,
            .live = *live,
            .identity = identity,
            .now = now,
            .wishes = wishes,
            .serials = serials.get()};
  }

  DecodedReply send(const std::vector<std::uint8_t>& query, Transport transport = Transport::udp) const {
    std::vector<std::uint8_t> room(65535);
    DecodedReply reply;
    reply.answered = answer(query, room, serving(), transport);
    room.resize(reply.answered.size);
    reply.octets = room;
    if (!room.empty()) decode(reply);
    return reply;
  }

  /// `question`: "www.example. A", with class "www.example. CH TXT". @param edns  size, 0 for no OPT
  DecodedReply ask(const std::string& question, std::uint16_t edns = 0,
                   Transport transport = Transport::udp) const {
    return send(query(question, edns), transport);
  }

  /// The octets of a query as ldns writes them; names keep their case.
  static std::vector<std::uint8_t> query(const std::string& question, std::uint16_t edns = 0) {
    const auto space = question.find(' ');
    const auto last = question.rfind(' ');
    const std::string rr_class = last > space ? question.substr(space + 1, last - space - 1) : "IN";
    ldns_rdf* name = ldns_dname_new_frm_str(question.substr(0, space).c_str());
    ldns_pkt* packet = ldns_pkt_query_new(name, ldns_get_rr_type_by_name(question.substr(last + 1).c_str()),
                                          ldns_get_rr_class_by_name(rr_class.c_str()), 0);
    ldns_pkt_set_id(packet, 0x1234);
    if (edns != 0) ldns_pkt_set_edns_udp_size(packet, edns);
    std::uint8_t* wire = nullptr;
    std::size_t size = 0;
    ldns_pkt2wire(&wire, packet, &size);
    std::vector<std::uint8_t> octets(wire, wire + size);
    std::free(wire);
    ldns_pkt_free(packet);
    return octets;
  }

 private:
  static std::vector<std::string> lines(const ldns_rr_list* records) {
    std::vector<std::string> result;
    for (std::size_t i = 0; i < ldns_rr_list_rr_count(records); ++i) {
      char* text = ldns_rr2str(ldns_rr_list_rr(records, i));
      std::string line(text);
      std::free(text);
      line.erase(line.find_last_not_of("\n \t") + 1);
      std::replace(line.begin(), line.end(), '\t', ' ');
      if (const auto at = line.find(" IN "); at != std::string::npos) line.erase(at, 3);
      result.push_back(line);
    }
    std::sort(result.begin(), result.end());
    return result;
  }

  static void decode(DecodedReply& reply) {
    ldns_pkt* raw = nullptr;
    const auto status = ldns_wire2pkt(&raw, reply.octets.data(), reply.octets.size());
    if (status != LDNS_STATUS_OK) throw std::runtime_error(ldns_get_errorstr_by_id(status));
    const std::unique_ptr<ldns_pkt, void (*)(ldns_pkt*)> packet(raw, ldns_pkt_free);
    if (!ldns_pkt_qr(raw)) throw std::runtime_error("a reply without QR");
    reply.status = zones::text(reply.answered.rcode);
    if (ldns_pkt_aa(raw)) reply.status += " aa";
    if (ldns_pkt_tc(raw)) reply.status += " tc";
    reply.answer = lines(ldns_pkt_answer(raw));
    reply.authority = lines(ldns_pkt_authority(raw));
    reply.additional = lines(ldns_pkt_additional(raw));
  }

  zones::Snapshot snapshot_;
};

using Octets = std::vector<std::uint8_t>;

/// The octets that a query is answered with.
inline Octets reply(const Zones& zones, const Octets& query, Transport transport) {
  Octets room(transport == Transport::udp ? 1232 : 65535);
  room.resize(answer(query, room, zones.serving(), transport).size);
  return room;
}

/// A query with an OPT record put together by hand.
inline std::vector<std::uint8_t> with_opt(std::vector<std::uint8_t> query, std::vector<std::uint8_t> opt) {
  query[11] = static_cast<std::uint8_t>(query[11] + 1);
  query.insert(query.end(), opt.begin(), opt.end());
  return query;
}

}  // namespace holdfast::server
