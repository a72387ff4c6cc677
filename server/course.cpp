#include <fmt/format.h>

#include "server/live_names.h"

namespace holdfast::server {

std::vector<Course> LiveNames::course(std::string_view name, std::optional<zones::Family> family,
                                      const Past& past) const {
  const auto wanted = zones::Name::parse(name);
  std::vector<Course> courses;
  const std::lock_guard lock(mutex_);
  for (const auto& [index, live] : names_) {
    if (!wanted || *wanted != live.declaration.name) continue;
    for (const zones::Family one : {zones::Family::v4, zones::Family::v6}) {
      if (!family || *family == one) courses.push_back(course(live, one, past));
    }
  }
  return courses;
}

Course LiveNames::course(const Live& live, zones::Family family, const Past& past) const {
  const LiveDeclaration& declaration = live.declaration;
  Course course{.zone = declaration.zone.text(), .name = declaration.name.text(), .family = family};
  PastWalk walk(past);
  std::vector<std::size_t> good;
  std::optional<zones::Selection> before;
  const auto look = [&](Past::Time now) {
    zones::Selection selection =
        select(declaration.pool, states(live, {walk.verdicts(), walk.overrides()}), family, good);
    if (is_good(selection.rule)) good = selection.members;
    if (before == selection) return;
    course.answers.push_back(
        {now, fmt::format("{} ({})", list(declaration.pool, selection), zones::text(selection))});
    before = std::move(selection);
  };
  look({});
  for (auto next = walk.next(); next; next = walk.next()) {
    walk.step();
    look(*next);
  }
  return course;
}

}  // namespace holdfast::server
