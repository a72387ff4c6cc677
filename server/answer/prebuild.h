#pragma once

#include "zones/zone.h"

namespace holdfast::server {

/// Encodes what a zone will be asked for again and again and that takes work to put together: referrals with their glue,
/// negative answers, aliases with what they lead to, records whose targets' addresses go along. Before it is published.
///
/// Answers are the same without: what is not prebuilt (or could not be, because health decides a part of it, or it leads
/// out of the zone) is worked out by resolve() when it is asked for.
void prebuild(zones::Zone& zone);

}  // namespace holdfast::server
