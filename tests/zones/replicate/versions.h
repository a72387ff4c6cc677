#pragma once

#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/zones/load/loading.h"
#include "zones/replicate/contents.h"
#include "zones/replicate/delta.h"

// What the tests of zones/replicate share: versions of example.com. made of lines of text, and back.

namespace holdfast::zones::testing {

inline std::shared_ptr<const Zone> zone(const std::string& text, const std::vector<LiveName>& live = {}) {
  const LoadedZone loaded =
      load("example.com", "$TTL 60\n@ SOA ns1 admin 1 2 3 4 5\n@ NS ns1\n" + text, {}, live);
  EXPECT_TRUE(loaded.zone) << ::testing::PrintToString(lines(loaded.problems));
  return loaded.zone;
}

/// Each line is a record of example.com., or "owner TYPE" for none of that type.
inline std::shared_ptr<const FlatView> flat(const std::vector<std::string>& texts) {
  std::string records;
  std::vector<FlatRRset> view;
  for (const std::string& text : texts) {
    const std::size_t space = text.find(' ');
    if (const auto type = parse_type(std::string_view(text).substr(space + 1))) {
      view.push_back({*Name::parse(text.substr(0, space), name("example.com")), *type});
    } else {
      records += text + "\n";
    }
  }
  const auto from = load("example.com", "$TTL 30\n@ SOA ns1 admin 1 2 3 4 5\n@ NS ns1\n" + records).zone;
  for (const Node node : from->nodes()) {
    for (std::size_t i = 0; i < node.rrset_count(); ++i) {
      const RRset rrset = from->rrset_at(node, i);
      if (rrset.type == RrType::SOA || (rrset.type == RrType::NS && node == from->apex_node())) continue;
      FlatRRset one{Name(node.name()), rrset.type, rrset.ttl, rrset.count};
      for (const Rdata data : rrset)
        one.data.insert(one.data.end(), data.data() - 2, data.data() + data.size());
      view.push_back(std::move(one));
    }
  }
  std::sort(view.begin(), view.end(), [](const FlatRRset& a, const FlatRRset& b) {
    return a.owner != b.owner ? a.owner < b.owner : a.type < b.type;
  });
  return std::make_shared<const FlatView>(std::move(view));
}

inline std::string line(const RecordView& record) {
  return presentation(record.owner, record.type, record.ttl, record.data);
}

inline std::vector<std::string> lines(const RecordRun& run) {
  std::vector<std::string> lines;
  for (const RecordView record : run) lines.push_back(line(record));
  return lines;
}

/// The SOA, and then all other records.
inline RecordRun records(const Contents& contents) {
  RecordRun run;
  run.add({contents.apex(), RrType::SOA, contents.soa_ttl(), contents.soa()});
  for (Contents::Cursor at(contents); at; at.next()) run.add(at.owner(), at.rrset());
  return run;
}

inline std::vector<std::string> lines(const Contents& contents) { return lines(records(contents)); }

/// The zone itself, without its SOA and its NS.
inline std::vector<std::string> inner(const Contents& contents) {
  std::vector<std::string> all = lines(contents);
  std::erase_if(all, [](const std::string& one) { return one.starts_with("example.com. 60 IN "); });
  return all;
}

/// A zone that has something in common with others of the same kind, with live names and without them.
inline std::string random_zone(std::mt19937& random) {
  static const std::vector<std::string> kNames = {"@",      "www",  "a.www", "mail",    "deep.er.empty",
                                                  "*.wild", "wild", "sub",   "ns1.sub", "shop"};
  static const std::vector<std::string> kData = {"A 192.0.2.1",      "A 192.0.2.2",  "A 192.0.2.3",
                                                 "AAAA 2001:db8::1", "TXT \"one\"",  "TXT \"two\"",
                                                 "MX 10 mail",       "SRV 1 2 3 www"};
  std::string text;
  for (const std::string& owner : kNames) {
    const std::string ttl = random() % 4 == 0 ? " 120 " : " 60 ";
    if (owner == "sub") text += "sub NS ns1.sub\n";
    for (const std::string& data : kData) {
      if (owner.ends_with("sub") && !data.starts_with("A")) continue;
      if (owner != "sub" && random() % 3 == 0) text += owner + ttl + data + "\n";
    }
  }
  return text;
}

inline std::shared_ptr<const FlatView> random_flat(std::mt19937& random) {
  static const std::vector<std::vector<std::string>> kLines = {{"@ A", "@ A 192.0.2.9"},
                                                               {"www A", "www A 192.0.2.1\nwww A 192.0.2.9"},
                                                               {"www AAAA"},
                                                               {"shop CNAME elsewhere.example."},
                                                               {"new A 192.0.2.8", "new AAAA 2001:db8::8"}};
  std::vector<std::string> chosen;
  for (const auto& choices : kLines) {
    if (random() % 2 == 0) chosen.push_back(choices[random() % choices.size()]);
  }
  return random() % 5 == 0 ? nullptr : flat(chosen);
}

/// What the RFC says of a difference sequence: all that is removed is there, and nothing that is added.
inline std::set<std::string> apply(std::set<std::string> records, const Delta& delta) {
  for (const std::string& gone : lines(delta.removed)) {
    EXPECT_EQ(records.erase(gone), 1U) << gone;
  }
  for (const std::string& come : lines(delta.added)) {
    EXPECT_TRUE(records.insert(come).second) << come;
  }
  return records;
}

inline std::set<std::string> set(const Contents& contents) {
  const std::vector<std::string> all = lines(contents);
  std::set<std::string> one(all.begin(), all.end());
  EXPECT_EQ(one.size(), all.size());
  return one;
}

}  // namespace holdfast::zones::testing
