"""Ruin and recreate under simulated annealing, in one or more coolings.

Source: G. Schrimpf et al., "Record breaking optimization results using the ruin and recreate
principle", Journal of Computational Physics 159, 2000. A tour is disturbed either by forcing in
places that are not visited, whereupon others make room, or by cutting out strings; then it is
shortened, filled greedily with noise, and kept or dropped by annealing.
"""

from libc.stdint cimport int64_t, uint64_t

from solver.cooling cimport bears, temperature
from solver.dice cimport Dice, seed_dice, throw_below, throw_unit
from solver.gaps cimport WishMemory, fill_gaps
from solver.ground cimport Ground, GroundPlan
from solver.moves cimport Disturbed, DisturbedMemory, shorten
from solver.ruin cimport (
    Guarded,
    GuardedMemory,
    cut_cheapest_string,
    cut_one,
    cut_string,
    cut_strings_around,
    fits,
    force_in,
    insert_at_best,
    make_room,
    unguard_all,
)
from solver.timed_gaps cimport fill_timed_gaps
from solver.timed_ruin cimport cut_until_timely, force_in_timed, insert_least_late, make_timely
from solver.timetable cimport NEVER, Clock, TimetableMemory, first_late
from solver.walk cimport Walk, WalkMemory, clear_walk, copy_walk, is_sparse

# Found on two thirds of the OPLib files of up to 400 nodes and on real requests; all of the OPLib
# files are measured by bench/tours.py.
cdef int NEAR_COUNT = 30            # near places in every list
cdef int TASTES = 4                 # rows of Shortlist.weight
cdef int LONGEST = 14               # stops that a string has, or places that are forced in, at most
cdef double FORCED_SHARE = 0.7      # of the iterations force places in, the others cut strings
cdef double CLUSTER_SHARE = 0.3     # of the forcings bring in several places at once…
cdef double CLUSTER_SPARSE = 0.15   # … on a sparse tour
cdef double EXACT_SHARE = 0.3       # of the forcings make no more room than needed
cdef double UNTIDY_SHARE = 0.25     # with windows: of the forcings leave the order as it is
cdef int MOST_DRAWS = 8             # places drawn for a forcing, less two, where few are visited
cdef float NOISE = 0.3              # weights are up to so much more or less in every filling
cdef double HOTTEST = 1.6           # heat in scores of an average stop
cdef double COLDEST = 0.05
cdef double LENGTH_WEIGHT = 0.4     # a longer way counts as a loss of so much of its share of score
cdef double CYCLE_ITERATIONS = 7.0  # a place, before a further cooling from scratch pays
cdef int MOST_CYCLES = 20
cdef double POLISH_SHARE = 0.1      # of the search polishes the best tour at its end


cdef class Annealing:
    """Begins with the best of some greedy tours; `seed` decides everything after."""

    def __cinit__(self, shortlist, uint64_t seed):
        self.plan = GroundPlan(shortlist, NEAR_COUNT)
        cdef int node_count = self.plan.ground.node_count
        cdef int group_count = self.plan.ground.group_count
        self.current_memory = WalkMemory(node_count, group_count)
        self.trial_memory = WalkMemory(node_count, group_count)
        self.best_memory = WalkMemory(node_count, group_count)
        self.disturbed_memory = DisturbedMemory(node_count)
        self.guarded_memory = GuardedMemory(node_count)
        self.wish_memory = WishMemory(node_count)
        self.timed = shortlist.timed
        if self.timed:
            self.timetable_memory = TimetableMemory(
                node_count, shortlist.window_first, shortlist.window_opens, shortlist.window_closes
            )
            self.clock = &self.timetable_memory.clock
        self.current = &self.current_memory.walk
        self.trial = &self.trial_memory.walk
        self.best = &self.best_memory.walk
        self.cycles = 1
        self.cycle = 0
        self.polished = 1
        self.polishing = False
        seed_dice(&self.dice, seed)
        self.begin()

    def stops(self):
        """Nodes of the best walk between start and end, numbered as in the Shortlist."""
        return [self.best.stops[place] for place in range(1, self.best.length - 1)]

    def score(self):
        """Score of the best walk in fixed point, bonuses of must-visits included."""
        return self.best.score

    cdef void plan_cycles(self, double iterations) noexcept nogil:
        """Cool more than once where the search is long for so few places."""
        cdef double cycles = iterations / (CYCLE_ITERATIONS * self.plan.ground.node_count)
        self.cycles = max(1, <int>min(cycles, <double>MOST_CYCLES))

    cdef void warm(self, double progress) noexcept nogil:
        """Set the heat for this part of the search; a new cooling begins with a new tour.

        The last part polishes the best tour.
        """
        cdef double share = progress / (1.0 - POLISH_SHARE)
        cdef int cycle = <int>(share * self.cycles)
        cdef int64_t score = self.best.score & ((<int64_t>1 << 46) - 1)  # without bonuses
        cdef double average = (<double>score + 1.0) / max(1, self.best.length - 2)
        self.polishing = share >= 1.0
        if self.polishing:
            return
        if cycle > self.cycle:
            self.cycle = cycle
            self.build(self.current, cycle % TASTES, 0.5)
        self.cost_worth = LENGTH_WEIGHT * <double>score / max(<double>1, <double>self.plan.ground.budget)
        self.heat = average * temperature(HOTTEST, COLDEST, share * self.cycles - cycle)

    cdef void iterate(self, int count) noexcept nogil:
        """Disturb, mend and judge so many times."""
        cdef int k
        for k in range(count):
            if self.polishing:
                self.polish()
                continue
            copy_walk(&self.plan.ground, self.trial, self.current)
            self.ruin()
            if self.recreate():
                self.judge()

    cdef bint is_complete(self) noexcept nogil:
        """Whether every candidate is visited, so that no score is left to gain."""
        return self.best.length == self.plan.ground.node_count

    cdef void begin(self) noexcept nogil:
        """The best of the greedy tours of every taste."""
        cdef int taste
        clear_walk(&self.plan.ground, self.best)
        for taste in range(TASTES):
            self.build(self.trial, taste, 0.0)
            if taste == 0 or self.better(self.trial, self.best):
                copy_walk(&self.plan.ground, self.best, self.trial)
        copy_walk(&self.plan.ground, self.current, self.best)

    cdef bint better(self, const Walk *one, const Walk *other) noexcept nogil:
        """More score, or as much on a shorter way."""
        return one.score > other.score or (one.score == other.score and one.cost < other.cost)

    cdef void build(self, Walk *walk, int taste, float noise) noexcept nogil:
        """A greedy tour from nothing, shortened and filled in turn until nothing more fits."""
        cdef int64_t before
        clear_walk(&self.plan.ground, walk)
        while self.fill(walk, taste, noise):
            before = walk.cost
            self.tidy(walk)
            if walk.cost >= before:
                return

    cdef bint fill(self, Walk *walk, int taste, float noise) noexcept nogil:
        """Insert what fits; False when the walk is too long or too late to begin with."""
        cdef Ground *ground = &self.plan.ground
        cdef float toll = self.draw_toll()
        if self.timed:
            return fill_timed_gaps(
                ground,
                self.clock,
                walk,
                &self.disturbed_memory.disturbed,
                &self.wish_memory.wishes,
                &self.dice,
                taste,
                noise,
                toll,
            )
        if not fits(ground, walk):
            return False
        fill_gaps(
            ground,
            walk,
            &self.disturbed_memory.disturbed,
            &self.wish_memory.wishes,
            &self.dice,
            taste,
            noise,
            toll,
        )
        return True

    cdef float draw_toll(self) noexcept nogil:
        """What a stop costs beside its detour where the number of stops is limited.

        Then a short detour is worth less than a good score: by how much, the dice say, since only
        the best tours know whether budget or stops run out first.
        """
        cdef Ground *ground = &self.plan.ground
        if ground.most_stops >= ground.node_count - 2 or throw_below(&self.dice, 4) == 0:
            return 0.0
        return <float>(throw_unit(&self.dice) * 2.0 * ground.budget / max(1, ground.most_stops))

    cdef void tidy(self, Walk *walk) noexcept nogil:
        """Shorten the walk; with windows, only where nobody is late for it."""
        if self.timed:
            self.clock.limit = self.plan.ground.budget
        shorten(&self.plan.ground, walk, &self.disturbed_memory.disturbed, self.clock)

    cdef void polish(self) noexcept nogil:
        """Try the next unvisited place in the best walk, in exchange for as little as can be."""
        cdef Ground *ground = &self.plan.ground
        cdef Disturbed *disturbed = &self.disturbed_memory.disturbed
        cdef Walk *trial = self.trial
        cdef int tries
        for tries in range(ground.node_count):
            self.polished += 1
            if self.polished >= ground.node_count:
                self.polished = 2
            if self.best.position[self.polished] < 0:
                break
        if self.best.position[self.polished] >= 0:
            return
        copy_walk(ground, trial, self.best)
        self.force_one(trial, self.polished)
        if self.guarded_memory.guarded.count == 0:
            return
        self.tidy_forced(trial)
        while not fits(ground, trial) and trial.length > 3:
            if not cut_cheapest_string(ground, trial, disturbed, &self.guarded_memory.guarded, &self.dice, 0.0):
                cut_one(ground, trial, disturbed, &self.guarded_memory.guarded, &self.dice, False)
        self.make_timely(trial)
        unguard_all(&self.guarded_memory.guarded)
        self.tidy(trial)
        if not self.fill(trial, throw_below(&self.dice, TASTES), 0.0):
            return
        self.tidy(trial)
        if self.better(trial, self.best):
            copy_walk(ground, self.best, trial)

    cdef void ruin(self) noexcept nogil:
        """Places come in and others make room, or strings go."""
        cdef Ground *ground = &self.plan.ground
        cdef Disturbed *disturbed = &self.disturbed_memory.disturbed
        if throw_unit(&self.dice) < FORCED_SHARE or self.trial.length == 2:
            self.squeeze_in()
        elif throw_below(&self.dice, 2):
            cut_strings_around(ground, self.trial, disturbed, &self.dice, LONGEST)
        else:
            cut_string(ground, self.trial, disturbed, &self.dice, LONGEST)

    cdef void squeeze_in(self) noexcept nogil:
        """Force in one place or a cluster, shorten, and remove others until the tour fits."""
        cdef Ground *ground = &self.plan.ground
        cdef Disturbed *disturbed = &self.disturbed_memory.disturbed
        cdef bint exact
        cdef int wanted = 1
        cdef int unvisited = ground.node_count - self.trial.length
        # The more there is to choose from, the less likely the first draw is any good.
        cdef int draws = 1 + throw_below(&self.dice, 2 + min(MOST_DRAWS, unvisited // self.trial.length))
        if throw_unit(&self.dice) < (CLUSTER_SPARSE if is_sparse(ground, self.trial) else CLUSTER_SHARE):
            wanted = 2 + throw_below(&self.dice, LONGEST)
        self.force(wanted, draws)
        if self.guarded_memory.guarded.count == 0:
            return
        if self.timed and throw_unit(&self.dice) < UNTIDY_SHARE:
            cut_until_timely(
                ground, self.clock, self.trial, disturbed, &self.guarded_memory.guarded, &self.dice
            )
            unguard_all(&self.guarded_memory.guarded)
            return
        self.tidy_forced(self.trial)
        exact = throw_unit(&self.dice) < EXACT_SHARE
        make_room(
            ground,
            self.trial,
            disturbed,
            &self.guarded_memory.guarded,
            &self.dice,
            LONGEST,
            exact,
        )
        self.make_timely(self.trial)
        unguard_all(&self.guarded_memory.guarded)

    cdef void force(self, int wanted, int draws) noexcept nogil:
        """Visit an unvisited place and some around it, whether they fit or not."""
        cdef Ground *ground = &self.plan.ground
        cdef Disturbed *disturbed = &self.disturbed_memory.disturbed
        cdef Guarded *guarded = &self.guarded_memory.guarded
        if self.timed:
            force_in_timed(
                ground,
                self.clock,
                self.trial,
                disturbed,
                guarded,
                &self.dice,
                wanted,
                draws,
            )
        else:
            force_in(ground, self.trial, disturbed, guarded, &self.dice, wanted, draws)

    cdef void force_one(self, Walk *walk, int node) noexcept nogil:
        """Visit `node`, whether it fits or not."""
        cdef Ground *ground = &self.plan.ground
        cdef Disturbed *disturbed = &self.disturbed_memory.disturbed
        cdef Guarded *guarded = &self.guarded_memory.guarded
        if self.timed:
            insert_least_late(
                ground,
                self.clock,
                walk,
                disturbed,
                guarded,
                node,
            )
        else:
            insert_at_best(ground, walk, disturbed, guarded, node)

    cdef void make_timely(self, Walk *walk) noexcept nogil:
        """With windows: take out stops until nobody finds a closed door or comes home late."""
        if self.timed:
            make_timely(
                &self.plan.ground,
                self.clock,
                walk,
                &self.disturbed_memory.disturbed,
                &self.guarded_memory.guarded,
                &self.dice,
            )

    cdef void tidy_forced(self, Walk *walk) noexcept nogil:
        """Shorten a walk that need not fit; not if it leads to a closed door already."""
        cdef int64_t lateness
        if self.timed:
            if 0 < first_late(&self.plan.ground, self.clock, walk, &lateness) < walk.length - 1:
                return
            self.clock.limit = NEVER
        shorten(&self.plan.ground, walk, &self.disturbed_memory.disturbed, self.clock)

    cdef bint recreate(self) noexcept nogil:
        """Shorten and fill in turn; False if the trial fits in no way."""
        cdef Walk *trial = self.trial
        cdef int taste = throw_below(&self.dice, TASTES)
        cdef int64_t cost
        self.tidy(trial)
        if not self.fill(trial, taste, NOISE):
            return False
        cost = trial.cost
        self.tidy(trial)
        if trial.cost < cost:
            self.fill(trial, taste, NOISE)
            self.tidy(trial)
        return True

    cdef void judge(self) noexcept nogil:
        """Go on from the trial if its loss of score can be borne; keep it if it is the best."""
        cdef Walk *trial = self.trial
        # Of two tours with equal scores the shorter one is closer to room for another stop.
        cdef double longer = <double>(trial.cost - self.current.cost)
        cdef double loss = <double>(self.current.score - trial.score) + self.cost_worth * longer
        if loss >= 0 and not bears(&self.dice, loss, self.heat):
            return
        self.trial = self.current
        self.current = trial
        if self.better(trial, self.best):
            copy_walk(&self.plan.ground, self.best, trial)
