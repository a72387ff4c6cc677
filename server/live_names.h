#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "health/verdict/kept_state.h"
#include "health/verdict/location.h"
#include "health/verdict/override_set.h"
#include "health/verdict/verdict.h"
#include "server/explanation.h"
#include "server/replay.h"
#include "server/retired.h"
#include "server/status.h"
#include "zones/alias/flatten.h"
#include "zones/live/ramp.h"
#include "zones/live/selection.h"
#include "zones/live/table.h"
#include "zones/published.h"

namespace holdfast::server {

/// One live name as it is to be served: everything that its declaration refers to, put together.
struct LiveDeclaration {
  zones::Name zone;
  zones::Name name;
  zones::LiveIndex index = zones::kNotLive;
  /// Where the members of one part of the pool come from.
  struct Source {
    std::string pool;                 ///< for people; empty: the zone's own records
    health::MonitorSettings monitor;  ///< without a name: nobody checks them
    bool is_manual = false;           ///< who was down stays out until somebody releases it
  };
  std::vector<Source> sources;  ///< beside pool.parts
  /// ANAME targets. Where there are any, the members are what these have at the time.
  std::vector<zones::Name> aliases{};
  zones::Pool pool;

  const Source& source_of(std::size_t member) const { return sources[pool.part_of(member)]; }
  bool is_checked() const { return !sources.front().monitor.name.empty(); }
};

/// As overrides know a member: of its pool, or of the name itself where its own records are the members.
health::Member member_of(const LiveDeclaration& declaration, std::size_t member);
/// Null: nobody checks that member.
std::optional<health::TargetId> target_of(const LiveDeclaration& declaration, std::size_t member);

/// "192.0.2.10, 192.0.2.11"; "nobody".
std::string list(const zones::Pool& pool, const zones::Selection& selection);
/// What is said of why these answer: "alive", "tier 2"; of an ANAME "fresh", "stale, all down: every member".
std::string why(const LiveDeclaration& declaration, const zones::Selection& selection,
                const zones::Flattened& flat);
/// The TTL of an ANAME as it is served at the moment.
std::uint32_t ttl_now(const zones::Selection& selection, const zones::Flattened& flat);

/// What overrides do to the names whose members a subject is about.
struct Effect {
  std::vector<std::string>
      used_by;  ///< pools, and live names whose own records are watched; by name, each once
  std::vector<std::string> answers;    ///< of these names, a line each, as answers_with() has them
  std::vector<std::string> overruled;  ///< members that a more particular override decides about, a line each
  std::string nobody;                  ///< why it must not be: which name would have nobody left; empty: none
  std::string
      doubtful;  ///< why it is perhaps not meant: which name would answer with what is down; empty: none
};

/// Where health and zones meet: a verdict becomes a member's state, the states a selection, the selection a live answer.
/// An override goes before the verdict.
///
/// Thread-safe. Before the first round of probes of a name is finished, its members count as alive, whatever is known.
class LiveNames {
 public:
  using Clock = std::function<zones::Ramp::Time()>;
  explicit LiveNames(
      zones::Published<zones::LiveTable>& table, Clock now = [] { return std::chrono::steady_clock::now(); })
      : table_(table), now_(std::move(now)) {}

  /// The index of a live name: the same whenever the same name of the same zone is asked for.
  zones::LiveIndex index_of(zones::NameView zone, zones::NameView name);
  /// One more than the highest index given out.
  std::size_t count() const;

  /// What was believed before a restart. Before apply(): as good as probed.
  void remember(const std::vector<health::KeptVerdict>& verdicts);
  /// From now on these and no others. What is known of targets is kept.
  void apply(std::vector<LiveDeclaration> declarations);
  /// Where members are that say so.
  void place(health::Locations locations);
  /// Where clients are, and what is near to them.
  void locate(std::shared_ptr<const zones::Geography> geography);
  /// From now on these decide, and no others.
  void decide(health::OverrideSet overrides);
  /// Whether there are members that it is about.
  bool has(const health::Subject& subject) const;
  /// What would be so if these decided; `nobody` and `doubtful` tell of what is not so already.
  Effect effect(const health::OverrideSet& overrides, const health::Subject& subject) const;
  /// What is to be probed for them, each target once.
  std::vector<health::Target> targets() const;

  /// A verdict changed, or a target was probed for the first time.
  void changed(const health::TargetId& target, health::Verdict verdict);

  /// About once a second: weights that grow have grown (zones/live/ramp.h).
  void tick();

  /// What is known of the target of ANAMEs, perhaps of those that the next apply() brings. @return whether others are to be
  /// probed now
  bool learned(const zones::Name& target, zones::RrType type, const zones::Served& served);
  /// The targets of all ANAMEs, each once.
  std::vector<zones::Name> aliases() const;
  std::vector<zones::Name> aliases_of(zones::LiveIndex name) const;
  /// The live names that it is the target of.
  std::vector<std::string> used_by(const zones::Name& target) const;

  /// Pools, and live names whose own records are watched, that use the target; by name, each once.
  std::vector<std::string> used_by(const health::TargetId& target) const;

  /// What the live names that use the target answer now: "www.example.com. A: 192.0.2.10 (alive), TTL 30 s". Of the first
  /// few where they are many.
  std::vector<std::string> answers_with(const health::TargetId& target) const;

  /// The members at this target, of pools in which who was down stays out.
  std::vector<health::Subject> manual(const health::TargetId& target) const;

  std::vector<LiveNameStatus> status() const;

  /// Why a name answers as it does, or would, by the very functions that choose. Otherwise what is wrong with the wish.
  /// @param past  around the moment that is asked about; null: that is now
  /// @param go_on  see PastWalk
  std::variant<std::vector<Explanation>, std::string> explain(const ExplainWish& wish,
                                                              const Past* past = nullptr,
                                                              const GoOn& go_on = {}) const;
  /// What it would have answered with the verdicts and overrides of this past, by the same functions. Otherwise why that is
  /// not gone through.
  std::variant<std::vector<Course>, std::string> course(std::string_view name,
                                                        std::optional<zones::Family> family, const Past& past,
                                                        const GoOn& go_on = {}) const;

 private:
  /// What the targets of an ANAME come to.
  struct Flat {
    zones::Flattened v4, v6;

    bool operator==(const Flat&) const = default;
    bool is_same_but_for_times(const Flat& other) const {
      return v4.state == other.v4.state && v4.addresses == other.v4.addresses && v6.state == other.v6.state &&
             v6.addresses == other.v6.addresses;
    }
  };
  struct Live {
    LiveDeclaration declaration;
    bool first_round = true;    // not every target has been probed yet
    bool is_published = false;  // else nothing, or what another declaration said
    zones::Selection v4, v6;
    std::vector<std::size_t> good_v4, good_v6;  // members of the last selection that is_good()
    Flat flat{};                                // of an ANAME
    zones::Ramp ramp{};
    std::vector<std::uint32_t> parts{};  // of its members' weights, as served
    std::chrono::system_clock::time_point since{};
  };

  /// What is to be published together, and then told of in the log.
  struct Changes {
    std::vector<zones::LiveTable::Change> answers;
    std::vector<std::pair<bool, std::string>> lines;  // whether it is bad
  };

  Flat flatten(const LiveDeclaration& declaration) const;
  /// What its targets come to gives an ANAME its members.
  static void take(Live& live, Flat flat);
  void use(const Live& live);
  void let_go(const Live& live);
  void forget_unused_verdicts();
  std::shared_ptr<const zones::LiveAnswer> answer(const Live& live) const;
  /// What somebody decided about the addresses that clients of single networks get.
  void leave_out(const Live& live, zones::LiveRecords& records) const;

  /// What states are made of, now or at another time. Borrows.
  struct Known {
    const std::map<health::TargetId, health::Verdict>& verdicts;
    const health::OverrideSet& overrides;
    const health::Locations& locations;
    bool first_round = false;
  };
  Known known_now(const Live& live) const { return {verdicts_, overrides_, locations_, live.first_round}; }
  static std::vector<zones::MemberState> states(const Live& live, const Known& known);

  /// What there is of one owner name, as of one moment. A value: nobody waits for who looks at it for long.
  struct Look {
    std::vector<Live> names{};  // of each zone that has it
    std::map<health::TargetId, health::Verdict> verdicts{};
    std::map<std::pair<zones::Name, zones::RrType>, zones::Served> aliases{};
    health::OverrideSet overrides{};
    health::Locations locations{};
    std::shared_ptr<const zones::Geography> geography{};
  };
  Look look(std::string_view name) const;
  struct Supposed {
    zones::Family family = zones::Family::v4;
    std::optional<health::Subject> down{};
  };
  /// @param last_good  as select() has it
  static Explanation explain(const Live& live, const Look& look, const Supposed& supposed, const Known& known,
                             const std::vector<std::size_t>& last_good);
  Explanation explain_now(const Live& live, const Look& look, const Supposed& supposed) const;
  static Explanation explain_then(const Live& live, const Look& look, const Supposed& supposed,
                                  const Past& past, Past::Time at, const GoOn& go_on);
  static Course course(const Live& live, zones::Family family, const Past& past,
                       const health::Locations& locations, const GoOn& go_on);
  void refresh_all();
  /// Chooses anew and, where that differs from what is served, adds it to what is to be published and says so in the log.
  /// @param only  what is said is about this family; null: about both
  void refresh(Live& live, Changes& changes, std::optional<zones::Family> only = {});
  void publish(const Changes& changes);
  /// Whether any of the subjects is about one of its members.
  bool is_concerned(const LiveDeclaration& declaration, const std::vector<health::Subject>& subjects) const;

  mutable std::mutex mutex_;
  zones::Published<zones::LiveTable>& table_;
  const Clock now_;
  std::map<std::pair<zones::Name, zones::Name>, zones::LiveIndex> indexes_;
  std::map<zones::LiveIndex, Live> names_;
  std::map<health::TargetId, std::set<zones::LiveIndex>> users_;  // of each target
  std::map<health::TargetId, health::Verdict> verdicts_;          // of targets probed at least once
  std::map<zones::Name, std::set<zones::LiveIndex>> alias_users_;
  std::map<std::pair<zones::Name, zones::RrType>, zones::Served> aliases_;
  std::set<zones::LiveIndex> growing_;  // names with a member whose weight grows
  health::OverrideSet overrides_;
  health::Locations locations_;
  std::shared_ptr<const zones::Geography> geography_ = std::make_shared<zones::Geography>();
  Retired retired_;  // tables that shared little with what replaced them
};

}  // namespace holdfast::server
