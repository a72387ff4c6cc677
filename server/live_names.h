#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "health/verdict/doubt.h"
#include "health/verdict/kept_state.h"
#include "health/verdict/location.h"
#include "health/verdict/override_set.h"
#include "health/verdict/verdict.h"
#include "server/explanation.h"
#include "server/last_good.h"
#include "server/live_declaration.h"
#include "server/replay.h"
#include "server/retired.h"
#include "server/status.h"
#include "zones/alias/flatten.h"
#include "zones/live/doubt.h"
#include "zones/live/flat.h"
#include "zones/live/ramp.h"
#include "zones/live/records.h"
#include "zones/live/selection.h"
#include "zones/live/table.h"
#include "zones/published.h"

namespace holdfast::server {

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
  /// Those whom pools with `when_down = "last-good"` come back to, from before a restart. Before apply().
  /// @param other  told of such that are others now; of nobody where they are of no use any more. Must not call us.
  using OtherGood = std::function<void(const LastGood&)>;
  void remember(const std::vector<LastGood>& before, OtherGood other);
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

  struct MovedTarget {
    health::TargetId target{};
    health::Verdict verdict = health::Verdict::unknown;
    health::Doubt doubt{};
  };
  /// Verdicts changed, or targets were probed for the first time. What comes of it is published together.
  void changed(std::span<const MovedTarget> moved);
  void changed(const health::TargetId& target, health::Verdict verdict, health::Doubt doubt = {}) {
    const MovedTarget one{target, verdict, doubt};
    changed({&one, 1});
  }
  /// Verdicts came into doubt, or were settled: TTLs follow (zones/live/doubt.h). Neither that nor how they shrink is a line
  /// in the log, or another `since`.
  void doubted(const std::vector<health::Doubted>& doubts);

  /// About once a second: weights that grow have grown (zones/live/ramp.h), and TTLs that shrink have shrunk.
  void tick();

  /// What is known of the addresses of a name, perhaps of those that the next apply() brings. @return whether others are to be
  /// probed now
  bool learned(const zones::Name& target, zones::RrType type, const zones::Served& served);
  /// The names whose addresses are to be known, each once.
  std::vector<zones::Name> aliases() const;
  std::vector<zones::Name> aliases_of(zones::LiveIndex name) const;
  /// The live names that lead to it.
  std::vector<std::string> used_by(const zones::Name& target) const;

  /// Pools, and live names whose own records are watched, that use the target; by name, each once.
  std::vector<std::string> used_by(const health::TargetId& target) const;

  /// What the live names that use the target answer now: "www.example.com. A: 192.0.2.10 (alive), TTL 30 s". Of the first
  /// few where they are many.
  std::vector<std::string> answers_with(const health::TargetId& target) const;

  /// The members at this target, of pools in which who was down stays out.
  std::vector<health::Subject> manual(const health::TargetId& target) const;

  std::vector<LiveNameStatus> status() const;

  /// What the live names of a zone have for everybody who cannot choose. Without those of which nothing is known yet.
  zones::FlatView flat(zones::NameView zone) const;
  /// Told of zones of which that may be other than before, while we are locked: it must not call us, nor wait. Once, before
  /// apply().
  using Touched = std::function<void(const std::set<zones::Name>& zones)>;
  void tell(Touched touched) { touched_ = std::move(touched); }

  /// Why a name answers as it does, or would, by the very functions that choose. Otherwise what is wrong with the wish.
  /// @param past  around the moment that is asked about; null: that is now
  /// @param go_on  see PastWalk
  std::variant<std::vector<Explanation>, std::string> explain(const ExplainWish& wish,
                                                              const Past* past = nullptr,
                                                              const GoOn& go_on = {}) const;
  /// What it would have answered with the verdicts and overrides of this past, by the same functions, without doubts: the log
  /// has none. Otherwise why that is not gone through.
  std::variant<std::vector<Course>, std::string> course(std::string_view name,
                                                        std::optional<zones::RrType> type, const Past& past,
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
  /// What is served of one family.
  struct Side {
    zones::Family family = zones::Family::v4;
    zones::Selection selection{};
    std::vector<zones::MemberIndex> good{};  // members of the last selection that is_good()
    bool is_put_back = false;  // `good` is of before: what the first round supposes does not replace it
  };
  struct Live {
    LiveDeclaration declaration;
    bool first_round = true;      // not every target has been probed yet
    bool is_published = false;    // else nothing, or what another declaration said
    std::vector<Side> sides{};    // of each of the declaration's families
    Flat flat{};                  // of an ANAME
    std::vector<bool> missing{};  // of each group: its name has no addresses
    zones::Ramp ramp{};
    std::vector<std::uint32_t> parts{};  // of its members' weights, as served
    std::vector<zones::Doubt> doubts{};  // likewise
    std::chrono::system_clock::time_point since{};

    const Side& side(zones::Family family) const;
    const zones::Flattened& flat_of(zones::Family family) const {
      return family == zones::Family::v6 ? flat.v6 : flat.v4;
    }
  };
  /// One row of `live`: of one name there may be several, of different types.
  using Key = std::pair<zones::LiveIndex, zones::RrType>;
  static Key key_of(const LiveDeclaration& declaration) { return {declaration.index, declaration.type}; }

  struct ByAddress {
    bool operator()(const health::TargetId& a, const health::TargetId& b) const {
      return std::tie(a.address, a.monitor) < std::tie(b.address, b.monitor);
    }
  };

  /// What is to be published together, and then told of in the log.
  struct Changes {
    std::vector<zones::LiveTable::Change> answers;
    std::vector<std::pair<bool, std::string>> lines;  // whether it is bad
  };

  Flat flatten(const LiveDeclaration& declaration) const;
  /// What its targets come to gives an ANAME its members.
  static void take(Live& live, Flat flat);
  /// The addresses of the names in its groups become members of their parts.
  void look_up_groups(Live& live) const;
  /// @return whether others are to be probed
  bool learned_of_group(Live& live, Changes& changes);
  void use(const Live& live);
  void let_go(const Live& live);
  void forget_unused_verdicts();
  void put_back_good(Live& live) const;
  /// Of a selection that is_good().
  void take_good(const Live& live, Side& side, const zones::Selection& selection);
  void forget_unused_good();
  /// Of all rows of that name.
  std::shared_ptr<const zones::LiveAnswer> answer(zones::LiveIndex index) const;
  zones::LiveRecords records(const Live& live, zones::Family family) const;
  std::vector<MemberStatus> members(const Live& live) const;
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
  static zones::MemberStates states(const Live& live, const Known& known);

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
  /// @param last_good, doubts  as select() has them; no doubts of what is over
  static Explanation explain(const Live& live, const Look& look, const Supposed& supposed, const Known& known,
                             const std::vector<zones::MemberIndex>& last_good,
                             const std::vector<zones::Doubt>& doubts);
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
  void tell_touched(const Changes& changes) const;
  /// Takes the doubts about its members as they are at the moment.
  void look_at_doubts(Live& live);
  void note_doubt(const health::TargetId& target, health::Doubt doubt);
  void shrink(Changes& changes);
  /// Those who may have members that it is about: few, where it is one address.
  std::vector<const Live*> candidates(const health::Subject& subject) const;
  /// Whether it is about one of its members.
  bool is_concerned(const LiveDeclaration& declaration, const health::Subject& subject) const;

  mutable std::mutex mutex_;
  zones::Published<zones::LiveTable>& table_;
  const Clock now_;
  std::map<std::pair<zones::Name, zones::Name>, zones::LiveIndex> indexes_;
  std::map<Key, Live> names_;
  std::map<zones::Name, std::set<Key>> zones_;  // what is in names_ of each
  std::map<health::TargetId, std::set<Key>, ByAddress>
      users_;  // also of members that nobody checks: without a monitor
  std::map<health::TargetId, health::Verdict> verdicts_;  // of targets probed at least once
  std::map<health::TargetId, zones::Ramp::Time> doubts_;  // of targets: when they could change
  std::map<Key, zones::Ramp::Time> shrinking_;            // names whose TTL shrinks, and from when on
  std::map<zones::Name, std::set<Key>> alias_users_;
  std::map<std::pair<zones::Name, zones::RrType>, zones::Served> aliases_;
  std::map<std::string, LastGood> good_;  // by name; of those whose pools come back to them, as told
  OtherGood other_good_;
  Touched touched_;
  std::set<Key> growing_;  // names with a member whose weight grows
  health::OverrideSet overrides_;
  health::Locations locations_;
  std::shared_ptr<const zones::Geography> geography_ = std::make_shared<zones::Geography>();
  Retired retired_;  // tables that shared little with what replaced them
};

}  // namespace holdfast::server
