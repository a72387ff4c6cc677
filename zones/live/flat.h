#pragma once

#include "zones/live/pool.h"
#include "zones/live/selection.h"
#include "zones/replicate/contents.h"

namespace holdfast::zones {

/// What a selection has for everybody who cannot choose, as it stands in zones that are transferred. Pure.
///
/// All who may answer, or those of them that `flat` of their pool says while enough are alive, each once, with the pool's own TTL:
/// neither turns, weights, and what is near to a client, nor how soon it
/// may change, can be told in a zone. A server that only knows records cannot fail either: instead of SERVFAIL it has every
/// member that is not drained, or else every one. Of CNAMEs there is the first.
FlatRRset flat_rrset(NameView owner, RrType type, const Pool& pool, const MemberStates& states,
                     const Selection& selection);

}  // namespace holdfast::zones
