#include "health/log/read_log.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <sstream>
#include <variant>

#include "health/event.h"

namespace holdfast::health {
namespace {

using std::chrono::microseconds;
using std::chrono::system_clock;

/// With more targets than that the log is read in the order of time, and not target by target.
constexpr std::size_t kFewTargets = 32;
/// The clock may have been set back by so much while an entry was made, or `until` does not find it.
constexpr std::chrono::hours kClockSetBack{1};

system_clock::time_point time_of(std::int64_t cursor, std::int64_t behind) {
  return system_clock::time_point(microseconds(cursor - behind));
}

/// The conditions of a SELECT, and what is bound to its parameters.
class Conditions {
 public:
  void add(std::string_view condition) {
    sql_ += (sql_.empty() ? " WHERE " : " AND ") + std::string(condition);
  }
  void add(std::string_view condition, std::int64_t value) {
    add(condition);
    values_.emplace_back(value);
  }
  void add(std::string_view condition, const std::string& value) {
    add(condition);
    values_.emplace_back(value);
  }
  const std::string& sql() const { return sql_; }
  void bind_to(Statement& statement) const {
    for (const auto& value : values_) std::visit([&](const auto& v) { statement.bind(v); }, value);
  }

 private:
  std::string sql_;
  std::vector<std::variant<std::int64_t, std::string>> values_;
};

class Reader {
 public:
  Reader(Database& database, const LogQuery& query) : database_(database), query_(query) {}

  LogPage page() {
    // All in one transaction: what is written meanwhile is for the next page.
    database_.run("BEGIN");
    LogPage page;
    const auto newest = std::max(database_.integer("SELECT max(id) FROM probe"),
                                 database_.integer("SELECT max(id) FROM event"));
    find_targets();
    if (!targets_ || !targets_->empty()) {
      if (wants(kProbeKind)) each_target([&](auto target) { read_probes(target); });
      const bool wants_events = std::any_of(std::begin(kEventKinds), std::end(kEventKinds),
                                            [&](std::string_view kind) { return wants(kind); });
      if (wants_events) each_target([&](auto target) { read_events(target); });
    }

    std::sort(found_.begin(), found_.end(),
              [](const LogEntry& a, const LogEntry& b) { return a.cursor < b.cursor; });
    page.more = found_.size() > query_.limit;
    if (page.more && query_.after) {
      found_.resize(query_.limit);
    } else if (page.more) {
      found_.erase(found_.begin(), found_.end() - static_cast<std::ptrdiff_t>(query_.limit));
    }
    page.entries = std::move(found_);
    page.last =
        page.more && query_.after ? page.entries.back().cursor : std::max(newest, query_.after.value_or(0));
    return page;
  }

 private:
  bool wants(std::string_view kind) const {
    return query_.kinds.empty() ||
           std::find(query_.kinds.begin(), query_.kinds.end(), kind) != query_.kinds.end();
  }

  /// The rows of the targets that are asked for; null: any target, or none.
  void find_targets() {
    if (query_.monitor.empty() && !query_.address && !query_.targets) return;
    targets_.emplace();
    Conditions where;
    if (!query_.monitor.empty()) where.add("monitor = ?", query_.monitor);
    if (query_.address) where.add("address = ?", query_.address->to_string());
    if (query_.targets) {
      where.add("monitor = ?");
      where.add("address = ?");
    }
    Statement find = database_.prepare("SELECT id FROM target" + where.sql());
    const auto run = [&](const TargetId* target) {
      const std::string address = target != nullptr ? target->address.to_string() : "";
      where.bind_to(find.reset());
      if (target != nullptr) find.bind(target->monitor).bind(address);
      while (find.step()) targets_->push_back(find.integer(0));
    };
    if (!query_.targets) return run(nullptr);
    for (const TargetId& target : *query_.targets) run(&target);
  }

  /// Target by target when they are few: each has its entries in the order of time.
  template <class Read>
  void each_target(const Read& read) {
    if (targets_ && targets_->size() <= kFewTargets) {
      for (const std::int64_t target : *targets_) read(std::optional(target));
    } else {
      read(std::optional<std::int64_t>());
    }
  }

  Conditions conditions(std::optional<std::int64_t> target) const {
    Conditions where;
    if (target) {
      where.add("target = ?", *target);
    } else if (targets_) {
      where.add(fmt::format("+target IN ({})", fmt::join(*targets_, ",")));
    }
    if (query_.after) where.add("e.id > ?", *query_.after);
    // What was made before the clock was set back keeps its cursors, and those of later entries are higher than their
    // times.
    if (query_.since) {
      where.add("e.id >= ?", cursor_of(*query_.since));
      where.add("e.id - behind >= ?", cursor_of(*query_.since));
    }
    if (query_.until) {
      where.add("e.id <= ?", cursor_of(*query_.until + kClockSetBack));
      where.add("e.id - behind <= ?", cursor_of(*query_.until));
    }
    return where;
  }

  std::string order() const {
    return fmt::format(" ORDER BY e.id {} LIMIT {}", query_.after ? "ASC" : "DESC", query_.limit + 1);
  }

  void read_probes(std::optional<std::int64_t> target) {
    Conditions where = conditions(target);
    if (query_.outcome == "passed") {
      where.add("outcome IS NULL");
    } else if (!query_.outcome.empty()) {
      where.add("outcome IS NOT NULL");
      if (query_.outcome != "failed") where.add("outcome = ?", query_.outcome);
    }
    if (!query_.agent.empty()) where.add("a.name = ?", query_.agent);
    Statement rows = database_.prepare(
        "SELECT e.id, behind, t.monitor, t.address, a.name, a.location, outcome, detail, connect, tls, "
        "header, "
        "body, total FROM probe e CROSS JOIN target t ON t.id = target CROSS JOIN agent a ON a.id = e.agent" +
        where.sql() + order());
    where.bind_to(rows);
    while (rows.step()) {
      LogEntry& entry = begin(rows);
      entry.kind = kProbeKind;
      entry.target = target_of(rows, 2);
      entry.agent = rows.text(4);
      entry.location = rows.text(5);
      entry.outcome = rows.is_null(6) ? std::string(text(Outcome::passed)) : rows.text(6);
      entry.detail = rows.text(7);
      int column = 8;
      for (microseconds* took : {&entry.connect, &entry.tls, &entry.header, &entry.body, &entry.total})
        *took = microseconds(rows.integer(column++));
    }
  }

  void read_events(std::optional<std::int64_t> target) {
    Conditions where = conditions(target);
    if (query_.outcome == "failed") {
      where.add("outcome <> 'passed'");
    } else if (!query_.outcome.empty()) {
      where.add("outcome = ?", query_.outcome);
    }
    if (!query_.agent.empty()) where.add("agent = ?", query_.agent);
    if (!query_.kinds.empty()) {
      std::string kinds;
      for (const std::string_view kind : kEventKinds) {
        if (wants(kind)) kinds += fmt::format("{}'{}'", kinds.empty() ? "" : ",", kind);
      }
      where.add("kind IN (" + kinds + ")");
    }
    Statement rows = database_.prepare(
        "SELECT e.id, behind, t.monitor, t.address, agent, location, outcome, detail, kind, name, text, "
        "used_by, "
        "before, after, command FROM event e LEFT JOIN target t ON t.id = target" +
        where.sql() + order());
    where.bind_to(rows);
    while (rows.step()) {
      LogEntry& entry = begin(rows);
      if (!rows.is_null(2)) entry.target = target_of(rows, 2);
      entry.agent = rows.text(4);
      entry.location = rows.text(5);
      entry.outcome = rows.text(6);
      entry.detail = rows.text(7);
      entry.kind = rows.text(8);
      entry.id = rows.text(9);
      entry.text = rows.text(10);
      std::istringstream users(rows.text(11));
      for (std::string user; std::getline(users, user);) entry.used_by.push_back(user);
      entry.before = rows.text(12);
      entry.after = rows.text(13);
      entry.command = rows.text(14);
    }
  }

  LogEntry& begin(const Statement& row) {
    LogEntry& entry = found_.emplace_back();
    entry.cursor = row.integer(0);
    entry.time = time_of(entry.cursor, row.integer(1));
    return entry;
  }

  static std::optional<TargetId> target_of(const Statement& row, int column) {
    boost::system::error_code error;
    const auto address = boost::asio::ip::make_address(row.text(column + 1), error);
    if (error) return std::nullopt;
    return TargetId{row.text(column), address};
  }

  Database& database_;
  const LogQuery& query_;
  std::optional<std::vector<std::int64_t>> targets_;
  std::vector<LogEntry> found_;
};

}  // namespace

LogPage read_log(const std::filesystem::path& file, const LogQuery& query) {
  Database database(file, Database::Mode::read);
  database.end_at(std::chrono::steady_clock::now() + kLongestRead);
  return Reader(database, query).page();
}

}  // namespace holdfast::health
