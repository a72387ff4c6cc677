#include "server/versions/journal.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include "health/log/database.h"
#include "tests/health/log/scratch.h"
#include "tests/zones/replicate/versions.h"
#include "zones/replicate/diff.h"

namespace holdfast::server {
namespace {

using health::Database;
using health::DatabaseError;
using health::NoRoom;
using zones::Contents;
using zones::Delta;
using zones::Name;
using zones::Serial;
namespace fs = std::filesystem;
namespace made = zones::testing;

Name name(const std::string& text) { return *Name::parse(text); }

/// A zone whose one live name changes with each version.
class Line {
 public:
  explicit Line(std::string apex) : apex_(std::move(apex)) {
    zone_ = made::load(apex_, "$TTL 60\n@ SOA ns1 admin 1 2 3 4 5\n@ NS ns1\n").zone;
    line_.digest = zones::digest(*zone_);
  }

  JournalEntry next() {
    const Contents before(line_.serial, zone_, line_.flat);
    line_.serial = line_.serial.next();
    line_.flat = view(line_.serial);
    line_.history.add(
        std::make_shared<const Delta>(*zones::difference(before, Contents(line_.serial, zone_, line_.flat))),
        {.versions = 5});
    line_.notes = "note " + std::to_string(line_.serial.value());
    return now();
  }
  JournalEntry now() const { return {name(apex_), line_}; }

  /// The serial, where all else is what was appended with it; 0 elsewhere.
  static std::uint32_t serial_of_whole(const KeptLine& line) {
    const std::uint32_t serial = line.serial.value();
    if (line.was_rescued || line.notes != "note " + std::to_string(serial) || !line.flat ||
        *line.flat != *view(line.serial))
      return 0;
    const auto& deltas = line.history.deltas();
    if (deltas.size() != std::min(serial, 5U) || deltas.back()->to() != line.serial) return 0;
    for (std::size_t i = 0; i < deltas.size(); ++i) {
      if (deltas[i]->added.front() != (*line.history.since(deltas[i]->from()))[0]->added.front()) return 0;
      if ((*++deltas[i]->added.begin()).data[3] != deltas[i]->to().value() % 250) return 0;
    }
    return serial;
  }

 private:
  static std::shared_ptr<const zones::FlatView> view(Serial serial) {
    zones::FlatRRset www{name("www.example.com"), zones::RrType::A, 30, 1};
    www.data = {0, 4, 192, 0, 2, static_cast<std::uint8_t>(serial.value() % 250)};
    return std::make_shared<const zones::FlatView>(zones::FlatView{www});
  }

  std::string apex_;
  std::shared_ptr<const zones::Zone> zone_;
  KeptLine line_;
};

bool same(const KeptLine& a, const KeptLine& b) {
  const auto& x = a.history.deltas();
  const auto& y = b.history.deltas();
  return a.serial == b.serial && a.digest == b.digest && a.notes == b.notes &&
         a.was_rescued == b.was_rescued && (a.flat == nullptr) == (b.flat == nullptr) &&
         (a.flat == nullptr || *a.flat == *b.flat) &&
         std::equal(x.begin(), x.end(), y.begin(), y.end(),
                    [](const auto& one, const auto& other) { return *one == *other; });
}

class JournalTest : public testing::Test {
 protected:
  std::map<Name, KeptLine> restarted() { return Journal(scratch.path()).at_start(); }
  std::int64_t rows(const char* table) {
    return Database(file, Database::Mode::read)
        .integer(("SELECT count(*) FROM " + std::string(table)).c_str());
  }
  int moved_aside() const {
    int count = 0;
    for (const auto& entry : fs::directory_iterator(scratch.path()))
      count += entry.path().filename().string().starts_with("journal.db.damaged-") ? 1 : 0;
    return count;
  }

  void damage_the_middle() const {
    std::fstream damaged(file, std::ios::in | std::ios::out | std::ios::binary);
    damaged.seekp(static_cast<std::streamoff>(fs::file_size(file) / kPage / 2 * kPage));
    damaged << std::string(kPage, 'x');
  }

  static constexpr std::size_t kPage = 4096;  // of SQLite
  const health::Scratch scratch;
  const fs::path file = scratch.path() / "journal.db";
  Line com{"example.com"}, org{"example.org"};
};

void append(Journal& journal, std::vector<JournalEntry> entries) { journal.append(entries); }

TEST_F(JournalTest, HasNothingAtFirst) { EXPECT_TRUE(restarted().empty()); }

TEST_F(JournalTest, KeepsWhatWasAppendedLast) {
  JournalEntry last;
  {
    Journal journal(scratch.path());
    append(journal, {com.next(), org.next()});
    for (int i = 0; i < 7; ++i) append(journal, {last = com.next()});
  }
  const auto lines = restarted();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(same(lines.at(name("example.com")), last.line));
  EXPECT_EQ(Line::serial_of_whole(lines.at(name("example.com"))), 8U);
  EXPECT_TRUE(same(lines.at(name("example.org")), org.now().line));
  EXPECT_EQ(rows("delta"), 6);
}

TEST_F(JournalTest, GoesOnWithTheHistoryThatItKept) {
  {
    Journal journal(scratch.path());
    for (int i = 0; i < 3; ++i) append(journal, {com.next()});
  }
  for (int i = 0; i < 3; ++i) {
    Journal journal(scratch.path());
    JournalEntry entry = com.next();
    KeptLine line = journal.at_start().at(entry.zone);
    line.history.add(entry.line.history.deltas().back(), {.versions = 5});
    line.serial = entry.line.serial;
    line.flat = entry.line.flat;
    line.notes = entry.line.notes;
    append(journal, {{entry.zone, line}});
  }
  EXPECT_EQ(Line::serial_of_whole(restarted().at(name("example.com"))), 6U);
  EXPECT_EQ(rows("delta"), 5);
}

TEST_F(JournalTest, KeepsALineWithoutAnythingElse) {
  {
    Journal journal(scratch.path());
    append(journal, {com.next()});
    append(journal,
           {{name("example.com"), {.serial = Serial(0xffffffff)}}, {name("."), {.serial = Serial(9)}}});
  }
  EXPECT_TRUE(same(restarted().at(name("example.com")), {.serial = Serial(0xffffffff)}));
  EXPECT_TRUE(same(restarted().at(name(".")), {.serial = Serial(9)}));
  EXPECT_EQ(rows("delta"), 0);
}

TEST_F(JournalTest, ForgetsZonesThatAreGone) {
  {
    Journal journal(scratch.path());
    append(journal, {com.next(), org.next()});
    journal.forget(std::vector{name("example.org"), name("example.net")});
  }
  EXPECT_EQ(restarted().size(), 1U);
  EXPECT_EQ(rows("zone"), 1);
  EXPECT_EQ(rows("delta"), 1);
}

// ---- what updates changed

zones::Overlay overlay(const std::string& address) {
  zones::Overlay overlay;
  const std::uint8_t octets[] = {192, 0, 2, static_cast<std::uint8_t>(std::stoi(address))};
  overlay.added.add({name("new.example.com"), zones::RrType::A, 60, octets});
  overlay.removed.add({name("old.example.com"), zones::RrType::A, 60, octets});
  return overlay;
}

TEST_F(JournalTest, KeepsTheLastOfWhatUpdatesChanged) {
  {
    Journal journal(scratch.path());
    append(journal, {com.next()});
    journal.keep(name("example.com"), overlay("1"));
    journal.keep(name("example.org"), overlay("2"));
    journal.keep(name("example.com"), overlay("3"));
    append(journal, {com.next()});
  }
  {
    Journal journal(scratch.path());
    const auto all = journal.overlays_at_start();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all.at(name("example.com")), overlay("3"));
    EXPECT_EQ(all.at(name("example.org")), overlay("2"));
    EXPECT_EQ(Line::serial_of_whole(journal.at_start().at(name("example.com"))), 2U);
    journal.keep(name("example.com"), {});
  }
  EXPECT_EQ(Journal(scratch.path()).overlays_at_start().size(), 1U);
  EXPECT_EQ(rows("overlay"), 1);
}

TEST_F(JournalTest, KeepsWhatUpdatesChangedInTheFileThatAnOlderHoldfastBegan) {
  { append(*std::make_unique<Journal>(scratch.path()), {com.next()}); }
  EXPECT_EQ(Database(file, Database::Mode::read)
                .integer("SELECT count(*) FROM sqlite_master WHERE name = 'overlay'"),
            0);
  {
    Journal journal(scratch.path());
    EXPECT_EQ(journal.at_start().size(), 1U);
    journal.keep(name("example.com"), overlay("1"));
  }
  EXPECT_EQ(Journal(scratch.path()).overlays_at_start().size(), 1U);
}

TEST_F(JournalTest, KeepsNothingOfUpdatesWhereThereIsNoRoom) {
  Journal journal(scratch.path());
  journal.keep(name("example.com"), overlay("1"));
  {
    const NoRoom none;
    EXPECT_THROW(journal.keep(name("example.com"), overlay("2")), DatabaseError);
  }
  EXPECT_EQ(journal.overlays_at_start().at(name("example.com")), overlay("1"));
  journal.keep(name("example.com"), overlay("3"));
  EXPECT_EQ(journal.overlays_at_start().at(name("example.com")), overlay("3"));
}

TEST_F(JournalTest, PutsWhatUpdatesChangedBackFromMemoryWhenItsFileIsGone) {
  Journal journal(scratch.path());
  journal.keep(name("example.com"), overlay("1"));
  {
    const NoRoom none;  // so that it is opened anew
    EXPECT_THROW(journal.keep(name("example.com"), overlay("2")), DatabaseError);
  }
  for (const char* const part : {"", "-wal", "-shm"}) fs::remove(file.string() + part);
  journal.keep(name("example.org"), overlay("3"));
  EXPECT_EQ(journal.overlays_at_start().size(), 2U);
}

TEST_F(JournalTest, RescuesWhatUpdatesChangedFromADamagedFile) {
  const auto zone = [](int i) { return name("z" + std::to_string(i) + ".example"); };
  {
    Journal journal(scratch.path());
    for (int i = 0; i < 300; ++i) journal.keep(zone(i), overlay(std::to_string(i % 250)));
  }
  damage_the_middle();
  std::map<Name, zones::Overlay> rescued;
  {
    Journal journal(scratch.path());
    EXPECT_EQ(moved_aside(), 1);
    const auto all = journal.overlays_at_start();
    EXPECT_GT(all.size(), 100U);
    for (int i = 0; i < 300; ++i) {
      const auto found = all.find(zone(i));
      if (found != all.end()) {
        EXPECT_EQ(found->second, overlay(std::to_string(i % 250)));
      }
    }
    rescued = all;
  }
  EXPECT_EQ(Journal(scratch.path()).overlays_at_start(), rescued);
}

TEST_F(JournalTest, LeavesOutWhatIsDamagedOfWhatUpdatesChanged) {
  {
    Journal journal(scratch.path());
    append(journal, {com.next()});
    journal.keep(name("example.com"), overlay("1"));
    journal.keep(name("example.org"), overlay("2"));
  }
  Database(file, Database::Mode::write).run("UPDATE overlay SET checksum = 1 WHERE name = 'example.com.'");
  Journal journal(scratch.path());
  EXPECT_EQ(journal.overlays_at_start().size(), 1U);
  EXPECT_TRUE(journal.overlays_at_start().contains(name("example.org")));
  EXPECT_EQ(journal.at_start().size(), 1U);
}

TEST_F(JournalTest, IsForItsOwnerAlone) {
  restarted();
  struct stat found {};
  ASSERT_EQ(::stat(file.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600U);
}

TEST_F(JournalTest, DoesNotFollowALink) {
  fs::create_symlink("/etc/passwd", file);
  EXPECT_THROW(restarted(), DatabaseError);
}

TEST_F(JournalTest, RefusesWhatANewerHoldfastWrote) {
  restarted();
  Database(file, Database::Mode::write).run("PRAGMA user_version = 2");
  try {
    restarted();
    FAIL() << "it was opened";
  } catch (const DatabaseError& error) {
    EXPECT_NE(std::string(error.what()).find("newer holdfast"), std::string::npos) << error.what();
  }
}

TEST_F(JournalTest, ChangesNothingWhereThereIsNoRoom) {
  Journal journal(scratch.path());
  append(journal, {com.next(), org.next()});
  const JournalEntry before = com.now();
  {
    const NoRoom no_room;
    EXPECT_THROW(append(journal, {com.next(), org.next()}), DatabaseError);
    EXPECT_THROW(append(journal, {com.now()}), DatabaseError);
    EXPECT_THROW(append(journal, {}), DatabaseError);
    EXPECT_TRUE(same(journal.at_start().at(before.zone), before.line));
  }
  append(journal, {});
  EXPECT_TRUE(same(journal.at_start().at(before.zone), before.line));
  append(journal, {com.now(), org.next()});  // and what came in between goes along
  EXPECT_EQ(Line::serial_of_whole(journal.at_start().at(name("example.com"))), 2U);
  EXPECT_EQ(Line::serial_of_whole(journal.at_start().at(name("example.org"))), 3U);
}

TEST_F(JournalTest, IsReadWhereThereIsNoRoom) {
  const health::Scratch killed;
  {
    Journal journal(scratch.path());
    append(journal, {com.next()});
    for (const char* part : {"", "-wal"})
      fs::copy_file(file.string() + part, killed.path() / ("journal.db" + std::string(part)));
  }
  const NoRoom no_room;
  Journal journal(killed.path());
  EXPECT_EQ(Line::serial_of_whole(journal.at_start().at(name("example.com"))), 1U);
  EXPECT_THROW(append(journal, {com.next()}), DatabaseError);
}

TEST_F(JournalTest, MovesADamagedFileAside) {
  std::ofstream(file) << std::string(9000, 'x');
  {
    Journal journal(scratch.path());
    EXPECT_TRUE(journal.at_start().empty());
    append(journal, {com.next()});
  }
  EXPECT_EQ(restarted().size(), 1U);
  EXPECT_EQ(moved_aside(), 1);
}

TEST_F(JournalTest, RescuesSerialsFromADamagedFile) {
  {
    Journal journal(scratch.path());
    std::vector<JournalEntry> many;
    for (int i = 0; i < 300; ++i) many.push_back({name("z" + std::to_string(i)), {.serial = Serial(7)}});
    for (int i = 0; i < 60; ++i) many.push_back(Line("d" + std::to_string(i)).next());
    journal.append(many);
  }
  damage_the_middle();
  for (int i = 0; i < 2; ++i) {  // what is known of it outlives the next restart
    const auto lines = restarted();
    EXPECT_GT(lines.size(), 200U);
    for (const auto& [zone, line] : lines) {
      EXPECT_TRUE(line.was_rescued);
      EXPECT_TRUE(line.history.deltas().empty());
      EXPECT_EQ(line.digest, zones::Digest());
      EXPECT_EQ(line.serial.value(), zone.text().starts_with("z") ? 7U : 1U);
    }
  }
  EXPECT_EQ(moved_aside(), 1);
  {
    Journal journal(scratch.path());
    append(journal, {Line("z0").next()});
  }
  EXPECT_FALSE(restarted().at(name("z0")).was_rescued);
}

TEST_F(JournalTest, StartsWithADamagedFileWhereThereIsNoRoom) {
  {
    Journal journal(scratch.path());
    std::vector<JournalEntry> many;
    for (int i = 0; i < 300; ++i) many.push_back({name("z" + std::to_string(i)), {.serial = Serial(7)}});
    journal.append(many);
  }
  damage_the_middle();
  const auto journal = [&] {
    const NoRoom no_room;
    return std::make_unique<Journal>(scratch.path());
  }();
  EXPECT_EQ(moved_aside(), 0);
  const auto saved = journal->at_start().size();
  EXPECT_GT(saved, 100U);
  append(*journal, {com.next()});
  EXPECT_EQ(journal->at_start().size(), saved + 1);
  EXPECT_EQ(moved_aside(), 1);
}

TEST_F(JournalTest, HealsWhatIsDamagedWhileItRuns) {
  Journal journal(scratch.path());
  append(journal, {com.next(), org.next()});
  {
    const NoRoom no_room;
    EXPECT_THROW(append(journal, {}), DatabaseError);  // and opens the file anew with the next
  }
  fs::remove(file.string() + "-wal");
  std::ofstream(file, std::ios::trunc) << std::string(9000, 'x');
  append(journal, {com.next()});
  EXPECT_EQ(moved_aside(), 1);
  EXPECT_EQ(Line::serial_of_whole(journal.at_start().at(name("example.com"))), 2U);
  EXPECT_EQ(Line::serial_of_whole(journal.at_start().at(name("example.org"))), 1U);
}

TEST_F(JournalTest, IsPutBackFromMemoryWhenItIsGone) {
  Journal journal(scratch.path());
  append(journal, {com.next(), org.next()});
  append(journal, {com.next()});
  {
    const NoRoom no_room;
    EXPECT_THROW(append(journal, {}), DatabaseError);
  }
  fs::remove(file.string() + "-wal");
  fs::remove(file);
  append(journal, {com.next()});
  EXPECT_EQ(Line::serial_of_whole(journal.at_start().at(name("example.com"))), 3U);
  EXPECT_EQ(Line::serial_of_whole(journal.at_start().at(name("example.org"))), 1U);
}

TEST_F(JournalTest, GoesOnWhereReplacingStopped) {
  {
    Journal journal(scratch.path());
    append(journal, {com.next()});
  }
  fs::rename(file, file.string() + ".new");
  std::ofstream(file.string() + "-wal") << "of the one that was moved aside";
  EXPECT_EQ(Line::serial_of_whole(restarted().at(name("example.com"))), 1U);
  std::ofstream(file.string() + ".new") << "not finished";
  EXPECT_EQ(Line::serial_of_whole(restarted().at(name("example.com"))), 1U);
  EXPECT_FALSE(fs::exists(file.string() + ".new"));
}

TEST_F(JournalTest, StartsWithATornFile) {
  {
    Journal journal(scratch.path());
    for (int i = 0; i < 20; ++i) append(journal, {com.next(), org.next()});
  }
  const health::Scratch whole;
  fs::copy_file(file, whole.path() / "journal.db");
  for (const std::uintmax_t size : {20'000U, 12'288U, 8192U, 5000U, 4096U, 1000U, 100U, 1U, 0U}) {
    fs::copy_file(whole.path() / "journal.db", file, fs::copy_options::overwrite_existing);
    fs::resize_file(file, size);
    Journal journal(scratch.path());
    append(journal, {{name("example.net"), {.serial = Serial(7)}}});
    EXPECT_EQ(journal.at_start().at(name("example.net")).serial, Serial(7)) << size;
  }
}

TEST_F(JournalTest, TakesNothingForWholeThatIsNot) {
  {
    Journal journal(scratch.path());
    for (int i = 0; i < 20; ++i) append(journal, {com.next(), org.next()});
  }
  std::ifstream in(file, std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::mt19937 random(1);
  int kept = 0, saved = 0;
  for (int i = 0; i < 150; ++i) {
    const health::Scratch other;
    std::string octets = whole;
    for (auto n = 1 + random() % 3; n > 0; --n)
      octets[random() % octets.size()] = static_cast<char>(random());
    std::ofstream(other.path() / "journal.db", std::ios::binary) << octets;
    try {
      Journal journal(other.path());
      for (const auto& [zone, line] : journal.at_start()) {
        if (line.was_rescued) {
          ++saved;
        } else if (line.history.deltas().empty()) {  // a delta of it is not whole
          EXPECT_EQ(line.serial, Serial(20));
        } else {
          ++kept;
          EXPECT_EQ(line.serial, Serial(20));
          for (const auto& delta : line.history.deltas())
            EXPECT_EQ((*++delta->added.begin()).data[3], delta->to().value());
        }
      }
      append(journal, {{name("example.net"), {.serial = Serial(7)}}});
    } catch (const DatabaseError& error) {
      EXPECT_NE(std::string(error.what()).find("newer"), std::string::npos) << error.what();
    }
  }
  EXPECT_GT(kept, 0);
  EXPECT_GT(saved, 0);
}

/// Appends for ever, and tells each serial that was acknowledged.
[[noreturn]] void append_until_killed(const fs::path& directory, int acknowledged) {
  Journal journal(directory);
  Line com("example.com"), org("example.org");
  const auto kept = journal.at_start();
  const auto line = kept.find(name("example.com"));
  const std::uint32_t last = line == kept.end() ? 0 : line->second.serial.value();
  for (std::uint32_t i = 0; i < last; ++i) com.next(), org.next();
  while (true) {
    append(journal, {com.next(), org.next()});
    const std::uint32_t serial = com.now().line.serial.value();
    if (::write(acknowledged, &serial, sizeof serial) != sizeof serial) ::_exit(1);
  }
}

TEST_F(JournalTest, LosesNothingAcknowledgedToKill9) {
  constexpr int kKills = 300;
  std::mt19937 random(7);
  std::uint32_t last = 0;
  for (int i = 0; i < kKills; ++i) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_NE(child, -1);
    if (child == 0) append_until_killed(scratch.path(), ends[1]);
    ::close(ends[1]);
    // After some acknowledgements, and a moment more.
    std::uint32_t serial = 0;
    bool ended = false;
    for (auto wanted = random() % 4; wanted > 0 && !ended; --wanted) {
      ended = ::read(ends[0], &serial, sizeof serial) != sizeof serial;
      if (!ended) last = serial;
    }
    ASSERT_FALSE(ended);
    ::usleep(static_cast<useconds_t>(random() % 1500));
    ::kill(child, SIGKILL);
    while (::read(ends[0], &serial, sizeof serial) == sizeof serial) last = serial;
    ::close(ends[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status));

    const auto lines = restarted();
    if (lines.empty() && last == 0) continue;
    const std::uint32_t found = Line::serial_of_whole(lines.at(name("example.com")));
    ASSERT_GE(found, std::max(last, 1U));
    ASSERT_LE(found, last + 1);  // what was on the disk before it could be told
    ASSERT_EQ(Line::serial_of_whole(lines.at(name("example.org"))), found);
    last = found;
  }
  EXPECT_GT(last, 100U);
  EXPECT_EQ(moved_aside(), 0);
}

}  // namespace
}  // namespace holdfast::server
