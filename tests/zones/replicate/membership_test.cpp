#include "zones/replicate/membership.h"

#include <gtest/gtest.h>

#include "tests/zones/load/loading.h"

namespace holdfast::zones {
namespace {

using namespace testing;
using Lines = std::vector<std::string>;

/// "x": "a 1 > y" lists a.example. under the label "1", which catalog "y" may take over.
using Catalogs = std::vector<std::pair<std::string, Lines>>;

std::string wire(const Name& name) {
  return {reinterpret_cast<const char*>(name.view().data()), name.view().size()};
}

Membership share_out(const Catalogs& catalogs, const Membership& before = {}, const Lines& configured = {}) {
  std::vector<Membership::Listing> listings;
  for (const auto& [catalog, members] : catalogs) {
    auto list = std::make_shared<std::vector<CatalogMember>>();
    for (const std::string& text : members) {
      CatalogMember& member = list->emplace_back();
      member.zone = name(text.substr(0, 1) + ".example");
      member.label = text.substr(2, 1);
      if (text.size() > 3) member.moves_to = wire(name(text.substr(6) + ".catalog"));
    }
    listings.push_back({catalog, name(catalog + ".catalog"), std::move(list)});
  }
  const auto is_configured = [&](NameView zone) {
    return std::any_of(configured.begin(), configured.end(),
                       [&](const std::string& one) { return zone == name(one + ".example").view(); });
  };
  return zones::share_out(std::move(listings), is_configured, before);
}

/// "a of x": the zones that catalogs have.
Lines owners(const Membership& membership) {
  Lines all;
  for (const auto& owned : membership.zones)
    all.push_back(membership.member(owned).zone.text().substr(0, 1) + " of " +
                  membership.catalogs[owned.catalog].name);
  return all;
}

Lines ended(const Membership& membership) {
  Lines all;
  for (const Name& zone : membership.ended) all.push_back(zone.text().substr(0, 1));
  return all;
}

TEST(Membership, HasWhatCatalogsList) {
  const Membership membership = share_out({{"x", {"b 1", "d 1"}}, {"y", {"a 1", "c 1", "e 1"}}});
  EXPECT_EQ(owners(membership), (Lines{"a of y", "b of x", "c of y", "d of x", "e of y"}));
  EXPECT_EQ(membership.clashes, Lines());
  EXPECT_EQ(membership.ended, std::vector<Name>());
  EXPECT_EQ(membership.find("y")->apex, name("y.catalog"));
  EXPECT_EQ(membership.find("z"), nullptr);
}

TEST(Membership, EndsWhatIsListedNoMore) {
  const Membership before = share_out({{"x", {"a 1", "b 1", "c 1"}}});
  EXPECT_EQ(ended(share_out({{"x", {"b 1"}}}, before)), (Lines{"a", "c"}));
  EXPECT_EQ(ended(share_out({}, before)), (Lines{"a", "b", "c"})) << "the catalog itself went";
  EXPECT_EQ(ended(share_out({{"x", {"a 1", "b 1", "c 1", "d 1"}}}, before)), Lines());
}

TEST(Membership, EndsWhatHasAnotherLabel) {
  const Membership before = share_out({{"x", {"a 1", "b 1"}}});
  const Membership after = share_out({{"x", {"a 1", "b 2"}}}, before);
  EXPECT_EQ(owners(after), (Lines{"a of x", "b of x"}));
  EXPECT_EQ(ended(after), Lines{"b"});
}

TEST(Membership, LeavesAZoneToWhoHasIt) {
  const Membership before = share_out({{"x", {}}, {"y", {"a 1"}}});
  const Membership after = share_out({{"x", {"a 1"}}, {"y", {"a 1"}}}, before);
  EXPECT_EQ(owners(after), Lines{"a of y"});
  EXPECT_EQ(after.clashes, Lines{"a.example. is listed by the catalog x, too: that of y counts"});
  const Membership later = share_out({{"x", {"a 1"}}, {"y", {}}}, after);
  EXPECT_EQ(owners(later), Lines{"a of x"});
  EXPECT_EQ(ended(later), Lines{"a"}) << "it was never handed over";
}

TEST(Membership, LeavesAZoneToWhoHadItBeforeARestart) {
  const Catalogs both = {{"x", {"a 1", "b 1"}}, {"y", {"a 1"}}};
  const auto shared = [&](const std::string& owner) {
    std::vector<Membership::Listing> listings = share_out(both).catalogs;
    return zones::share_out(
        std::move(listings), [](NameView) { return false; }, Membership(), [&](NameView) { return owner; });
  };
  const Membership of_y = shared("y");
  EXPECT_EQ(owners(of_y), (Lines{"a of y", "b of x"}));
  EXPECT_EQ(of_y.contested, (std::map<Name, std::string>{{name("a.example"), "y"}}));
  EXPECT_EQ(ended(of_y), Lines());
  EXPECT_EQ(owners(shared("")), (Lines{"a of x", "b of x"}));
  EXPECT_EQ(owners(shared("z")), (Lines{"a of x", "b of x"})) << "that is not there any more";
}

TEST(Membership, HandsAZoneOverWhereBothWantThat) {
  const Membership before = share_out({{"x", {"a 1"}}, {"y", {}}});
  const Membership wish = share_out({{"x", {"a 1 > y"}}, {"y", {}}}, before);
  EXPECT_EQ(owners(wish), Lines{"a of x"});
  const Membership same = share_out({{"x", {"a 1 > y"}}, {"y", {"a 1"}}}, wish);
  EXPECT_EQ(owners(same), Lines{"a of y"});
  EXPECT_EQ(ended(same), Lines());
  EXPECT_EQ(same.clashes, Lines()) << "x lists it for a while yet";
  EXPECT_EQ(ended(share_out({{"x", {}}, {"y", {"a 1"}}}, same)), Lines());
  EXPECT_EQ(ended(share_out({{"x", {"a 1 > y"}}, {"y", {"a 2"}}}, wish)), Lines{"a"}) << "another label";
  EXPECT_EQ(owners(share_out({{"x", {"a 1 > z"}}, {"y", {"a 1"}}}, wish)), Lines{"a of x"});
}

TEST(Membership, LeavesWhatIsConfiguredToTheConfiguration) {
  const Membership before = share_out({{"x", {"a 1", "b 1"}}});
  const Membership after = share_out({{"x", {"a 1", "b 1"}}}, before, {"a"});
  EXPECT_EQ(owners(after), Lines{"b of x"});
  EXPECT_EQ(ended(after), Lines()) << "what is kept of it is the configuration's now";
  EXPECT_EQ(after.clashes,
            Lines{"a.example. is listed by the catalog x, too: that of the configuration counts"});
  EXPECT_EQ(ended(share_out({{"x", {"b 1"}}}, before, {"a"})), Lines());
  EXPECT_EQ(ended(share_out({{"x", {"a 1", "b 1"}}}, after)), Lines()) << "and back";
}

}  // namespace
}  // namespace holdfast::zones
