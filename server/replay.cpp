#include "server/replay.h"

#include <algorithm>

namespace holdfast::server {
namespace {

using health::Turn;
using health::Verdict;

/// The world that has it takes it back before the other one has its own.
bool is_alone(const std::vector<Turn>& turns, std::size_t at, const Turn& other) {
  return at + 1 < turns.size() && turns[at + 1].time <= other.time;
}

}  // namespace

std::vector<TurnPair> pair_up(const std::vector<Turn>& configured, const std::vector<Turn>& other) {
  std::vector<TurnPair> pairs;
  std::size_t i = 0, j = 0;
  while (i < configured.size() || j < other.size()) {
    const Turn* const a = i < configured.size() ? &configured[i] : nullptr;
    const Turn* const b = j < other.size() ? &other[j] : nullptr;
    const bool is_pair = a != nullptr && b != nullptr && a->after == b->after &&
                         !is_alone(configured, i, *b) && !is_alone(other, j, *a);
    const bool takes_a = is_pair || b == nullptr || (a != nullptr && a->time <= b->time);
    const bool takes_b = is_pair || !takes_a;
    pairs.push_back({takes_a ? std::optional(*a) : std::nullopt, takes_b ? std::optional(*b) : std::nullopt});
    i += takes_a ? 1 : 0;
    j += takes_b ? 1 : 0;
  }
  return pairs;
}

std::chrono::nanoseconds time_down(Verdict first, const std::vector<Turn>& turns, Past::Time from,
                                   Past::Time to) {
  if (to <= from) return {};
  std::chrono::nanoseconds down{0};
  Verdict verdict = first;
  Past::Time since = from;
  const auto until = [&](Past::Time time) {
    time = std::clamp(time, from, to);
    if (verdict == Verdict::down) down += time - since;
    since = time;
  };
  for (const Turn& turn : turns) {
    until(turn.time);
    verdict = turn.after;
  }
  until(to);
  return down;
}

std::vector<Difference> differences(const std::vector<Course::Answer>& configured,
                                    const std::vector<Course::Answer>& other, Past::Time from,
                                    Past::Time to) {
  std::vector<Past::Time> moments{from};
  for (const auto* answers : {&configured, &other}) {
    for (const Course::Answer& one : *answers) {
      if (one.from > from && one.from < to) moments.push_back(one.from);
    }
  }
  std::sort(moments.begin(), moments.end());
  moments.erase(std::unique(moments.begin(), moments.end()), moments.end());
  std::vector<Difference> all;
  std::size_t i = 0, j = 0;
  for (std::size_t at = 0; at < moments.size(); ++at) {
    const auto go_on = [&](const std::vector<Course::Answer>& answers, std::size_t& place) {
      while (place + 1 < answers.size() && answers[place + 1].from <= moments[at]) ++place;
      return place < answers.size() ? answers[place].text : "";
    };
    const std::string a = go_on(configured, i), b = go_on(other, j);
    if (a == b) continue;
    const Past::Time until = at + 1 < moments.size() ? moments[at + 1] : to;
    if (!all.empty() && all.back().to == moments[at] && all.back().configured == a && all.back().other == b) {
      all.back().to = until;
    } else {
      all.push_back({moments[at], until, a, b});
    }
  }
  return all;
}

}  // namespace holdfast::server
