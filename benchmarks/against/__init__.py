"""fastreg against other libraries: seconds to a given suboptimality, every objective recomputed here."""
