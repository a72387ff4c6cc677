#include "server/transfer/update_log.h"

#include <gtest/gtest.h>

namespace holdfast::server {
namespace {

using namespace std::chrono_literals;
using Line = UpdateLog::Line;
using Lines = std::vector<Line>;

const zones::Name kZone = *zones::Name::parse("example.com");
constexpr auto kInfo = spdlog::level::info, kWarning = spdlog::level::warn, kError = spdlog::level::err;

zones::Updated adds(int records) {
  zones::Updated updated;
  const std::vector<std::uint8_t> address{192, 0, 2, 1};
  for (int i = 0; i < records; ++i) {
    const zones::Name owner = *zones::Name::parse("h" + std::to_string(i) + ".example.com");
    updated.added.add({owner, zones::RrType::A, 60, {address.data(), address.size()}});
  }
  return updated;
}

TEST(UpdateLog, OneThatComesAloneIsToldAtOnce) {
  UpdateLog log;
  EXPECT_EQ(log.due(), std::nullopt);
  log.changed(kZone, "ops at 192.0.2.1", adds(2));
  const UpdateLog::Time now{100s};
  ASSERT_TRUE(log.due());
  EXPECT_LE(*log.due(), now);
  EXPECT_EQ(
      log.take(now),
      (Lines{Line{kInfo, "zone example.com.: update by ops at 192.0.2.1: 2 records added, 0 removed"}}));
  EXPECT_EQ(log.due(), std::nullopt);
}

TEST(UpdateLog, OfManyThereIsALineASecondForEachZoneAndSender) {
  UpdateLog log;
  const UpdateLog::Time now{100s};
  log.changed(kZone, "ops", adds(1));
  EXPECT_EQ(log.take(now).size(), 1);
  for (int i = 0; i < 600; ++i) log.changed(kZone, "ops", adds(1));
  log.changed(kZone, "acme", adds(3));
  log.refused(kZone, "acme", "REFUSED: first");
  log.refused(kZone, "acme", "REFUSED: second");
  log.failed(kZone, "ops", "disk full");
  log.failed(kZone, "ops", "disk full");
  EXPECT_EQ(log.due(), now + 1s);
  EXPECT_EQ(log.take(now + 999ms), Lines());
  EXPECT_EQ(log.take(now + 1s),
            (Lines{Line{kInfo, "zone example.com.: update by acme: 3 records added, 0 removed"},
                   Line{kWarning, "zone example.com.: 2 updates by acme: the first: REFUSED: first"},
                   Line{kInfo, "zone example.com.: 600 updates by ops: 600 records added, 0 removed"},
                   Line{kError, "zone example.com.: 2 updates by ops: failed, the first: disk full"}}));
  EXPECT_EQ(log.take(now + 5s), Lines());
}

TEST(UpdateLog, SaysWhyOneIsNotDone) {
  UpdateLog log;
  log.refused(kZone, "ops", "REFUSED: no");
  log.failed(kZone, "ops", "disk full");
  EXPECT_EQ(log.take(UpdateLog::Time(1s)),
            (Lines{Line{kWarning, "zone example.com.: update by ops: REFUSED: no"},
                   Line{kError, "zone example.com.: update by ops: failed: disk full"}}));
}

TEST(UpdateLog, ThatTheSoaIsAnotherIsSaid) {
  UpdateLog log;
  zones::Updated updated;
  updated.soa.emplace();
  log.changed(kZone, "ops", updated);
  EXPECT_EQ(
      log.take(UpdateLog::Time(1s)),
      (Lines{Line{kInfo, "zone example.com.: update by ops: 0 records added, 0 removed, another SOA"}}));
}

TEST(UpdateLog, WhoeverSendsToHowManyZonesItStaysShort) {
  UpdateLog log;
  for (std::size_t i = 0; i < kMaxSendersTold + 3; ++i)
    log.refused(kZone, "peer" + std::to_string(i), "REFUSED: no");
  log.failed(kZone, "somebody", "disk full");
  const auto lines = log.take(UpdateLog::Time(1s));
  ASSERT_EQ(lines.size(), kMaxSendersTold + 2);
  EXPECT_EQ(lines[kMaxSendersTold], (Line{kWarning, "3 updates by others: the first: REFUSED: no"}));
  EXPECT_EQ(lines.back(), (Line{kError, "update by others: failed: disk full"}));
}

}  // namespace
}  // namespace holdfast::server
