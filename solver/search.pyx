"""The tour search: ruin and recreate under simulated annealing; one seed, one answer.

Source: G. Schrimpf et al., "Record breaking optimization results using the ruin and recreate
principle", Journal of Computational Physics 159, 2000.
"""

import time

from libc.stdint cimport int64_t, uint64_t

from solver.cooling cimport bears, temperature
from solver.dice cimport Dice, seed_dice, throw_below, throw_unit
from solver.gaps cimport WishList, fill_gaps
from solver.ground cimport Ground, GroundPlan
from solver.moves cimport Disturbed, DisturbedMemory, shorten
from solver.ruin cimport cut_one, cut_string, cut_strings_around, fits, force_in, make_room
from solver.timed_gaps cimport fill_timed_gaps, force_in_timed
from solver.timetable cimport TimetableMemory, set_times
from solver.walk cimport Walk, WalkMemory, clear_walk, copy_walk

from solver.errors import InvalidQuestion
from solver.shortlist import MUST_BONUS, make_shortlist
from solver.tour_problem import told

NEAR_COUNT = 20             # near places in every list
cdef int SLICE = 16                  # iterations between two looks at the clock
REPORTS = 20                # reports of a search that runs to its end
ENOUGH_WHEN_COMPLETE = 256  # iterations for a shorter way once every place is visited
cdef int64_t MUST_BONUS_BITS = MUST_BONUS

P = dict(near=20, t0=0.02, t1=0.0005, longest=10, force=0.5, around=0.5, noise=0.3, slack=0.0)


cdef class TourSearch:
    """One annealing run over a Shortlist; the core allocates nothing."""

    cdef GroundPlan plan
    cdef WalkMemory current_memory
    cdef WalkMemory trial_memory
    cdef WalkMemory best_memory
    cdef WalkMemory spare_memory
    cdef DisturbedMemory disturbed_memory
    cdef TimetableMemory timetable_memory
    cdef WishList wish_list
    cdef Dice dice
    cdef Walk *current
    cdef Walk *trial
    cdef Walk *best
    cdef bint timed
    cdef double t0, t1, force, around, slack
    cdef double heat
    cdef float noise
    cdef int longest

    def __cinit__(self, shortlist, uint64_t seed):
        self.plan = GroundPlan(shortlist, P["near"])
        cdef int node_count = self.plan.ground.node_count
        self.current_memory = WalkMemory(node_count, self.plan.group_count)
        self.trial_memory = WalkMemory(node_count, self.plan.group_count)
        self.best_memory = WalkMemory(node_count, self.plan.group_count)
        self.disturbed_memory = DisturbedMemory(node_count)
        self.wish_list = WishList(node_count)
        self.timed = shortlist.timed
        if self.timed:
            self.spare_memory = WalkMemory(node_count, self.plan.group_count)
            self.timetable_memory = TimetableMemory(
                node_count, shortlist.window_first, shortlist.window_opens, shortlist.window_closes
            )
        self.current = &self.current_memory.walk
        self.trial = &self.trial_memory.walk
        self.best = &self.best_memory.walk
        seed_dice(&self.dice, seed)
        self.t0, self.t1, self.force, self.around, self.slack = P["t0"], P["t1"], P["force"], P["around"], P["slack"]
        self.noise = P["noise"]
        self.longest = P["longest"]
        self.begin()

    cdef void begin(self) noexcept nogil:
        """The greedy tour, shortened and filled until nothing more fits."""
        cdef Ground *ground = &self.plan.ground
        cdef int64_t before
        clear_walk(ground, self.current)
        copy_walk(ground, self.trial, self.current, self.plan.group_count)
        while self.fill(self.trial, 0.0):
            before = self.trial.cost
            self.tidy(self.trial)
            if self.trial.cost >= before:
                break
        copy_walk(ground, self.current, self.trial, self.plan.group_count)
        copy_walk(ground, self.best, self.trial, self.plan.group_count)

    cdef bint fill(self, Walk *walk, float noise) noexcept nogil:
        """Insert what fits; False when the walk is too long or too late to begin with."""
        cdef Ground *ground = &self.plan.ground
        cdef float toll = 0.0
        if ground.most_stops < ground.node_count - 2 and ground.most_stops > 0 and noise > 0:
            # Where stops are few, a small detour is worth less than a good score: by how much, the
            # dice say, since only the best tours know which of budget and stops runs out first.
            toll = <float>(throw_unit(&self.dice) * 2.0 * ground.budget / ground.most_stops)
            if throw_below(&self.dice, 4) == 0:
                toll = 0.0
        if self.timed:
            return fill_timed_gaps(
                ground,
                &self.timetable_memory.windows,
                walk,
                &self.timetable_memory.timetable,
                &self.disturbed_memory.disturbed,
                self.wish_list.wishes,
                &self.dice,
                noise,
                toll,
            )
        if not fits(ground, walk):
            return False
        fill_gaps(
            ground,
            walk,
            &self.disturbed_memory.disturbed,
            self.wish_list.wishes,
            &self.dice,
            noise,
            toll,
        )
        return True

    cdef void tidy(self, Walk *walk) noexcept nogil:
        """Shorten the walk, unless that makes it late."""
        cdef Ground *ground = &self.plan.ground
        if not self.timed:
            shorten(ground, walk, &self.disturbed_memory.disturbed)
            return
        copy_walk(ground, &self.spare_memory.walk, walk, self.plan.group_count)
        shorten(ground, walk, &self.disturbed_memory.disturbed)
        if not self.in_time(walk):
            copy_walk(ground, walk, &self.spare_memory.walk, self.plan.group_count)

    cdef bint in_time(self, Walk *walk) noexcept nogil:
        return set_times(
            &self.plan.ground,
            &self.timetable_memory.windows,
            walk,
            &self.timetable_memory.timetable,
        )

    cdef void iterate(self, int count) noexcept nogil:
        cdef int k
        for k in range(count):
            copy_walk(&self.plan.ground, self.trial, self.current, self.plan.group_count)
            self.ruin(self.trial)
            if self.recreate(self.trial):
                self.judge()

    cdef void ruin(self, Walk *trial) noexcept nogil:
        """In half the cases a new place comes in and others make room, else strings go."""
        cdef Ground *ground = &self.plan.ground
        cdef Disturbed *disturbed = &self.disturbed_memory.disturbed
        cdef int forced = -1
        if throw_unit(&self.dice) < self.force or trial.length == 2:
            if self.timed:
                self.squeeze_in(trial)
                return
            forced = force_in(ground, trial, disturbed, &self.dice)
        if forced >= 0:
            shorten(ground, trial, disturbed)
            make_room(ground, trial, disturbed, &self.dice, forced, self.longest)
        elif trial.length > 2:
            if throw_unit(&self.dice) < self.around:
                cut_strings_around(ground, trial, disturbed, &self.dice, self.longest)
            else:
                cut_string(ground, trial, disturbed, &self.dice, self.longest)

    cdef void squeeze_in(self, Walk *trial) noexcept nogil:
        """With windows: a new place comes in where it delays least, others go until all is in time."""
        cdef bint near = throw_below(&self.dice, 2)
        cdef int forced = force_in_timed(
            &self.plan.ground,
            &self.timetable_memory.windows,
            trial,
            &self.timetable_memory.timetable,
            &self.disturbed_memory.disturbed,
            &self.dice,
        )
        while (
            forced >= 0
            and trial.length > 3
            and not (self.in_time(trial) and fits(&self.plan.ground, trial))
        ):
            cut_one(
                &self.plan.ground,
                trial,
                &self.disturbed_memory.disturbed,
                &self.dice,
                forced,
                near,
            )

    cdef bint recreate(self, Walk *trial) noexcept nogil:
        """Shorten and fill in turn; False if the walk fits in no way."""
        cdef int64_t cost
        self.tidy(trial)
        if not self.fill(trial, self.noise):
            return False
        cost = trial.cost
        self.tidy(trial)
        if trial.cost < cost:
            self.fill(trial, self.noise)
            self.tidy(trial)
        return True

    cdef void judge(self) noexcept nogil:
        """Go on from the trial if it is better, or by chance; keep it if it is the best."""
        cdef Walk *trial = self.trial
        cdef double loss = <double>(self.current.score - trial.score)
        loss += self.slack * <double>(trial.cost - self.current.cost) / <double>self.plan.ground.budget * <double>self.best.score
        if loss < 0 or bears(&self.dice, loss, self.heat):
            self.trial = self.current
            self.current = trial
            if trial.score > self.best.score or (trial.score == self.best.score and trial.cost < self.best.cost):
                copy_walk(&self.plan.ground, self.best, trial, self.plan.group_count)


    cdef void warm(self, double progress) noexcept nogil:
        """Set the heat for this part of the search, in shares of the best score so far."""
        cdef int64_t score = self.best.score & (MUST_BONUS_BITS - 1)
        self.heat = temperature(self.t0, self.t1, progress) * (<double>score + 1.0)

    cdef bint is_complete(self) noexcept nogil:
        """Whether every candidate is visited, so that no score is left to gain."""
        return self.best.length == self.plan.ground.node_count

    def stops(self):
        """Nodes of the best walk between start and end, numbered as in the Shortlist."""
        return [self.best.stops[place] for place in range(1, self.best.length - 1)]

    def score(self):
        """Score of the best walk in fixed point, without the bonus of must-visits."""
        return self.best.score & (MUST_BONUS - 1)


def search_tour(problem, *, iterations, seconds_cap, seed, report=None, cancelled=None):
    """The best tour found within so many iterations and so many seconds by the wall clock."""
    if iterations < 0 or not seconds_cap >= 0:
        raise InvalidQuestion("iterations and seconds_cap must not be negative")
    cdef double deadline = time.monotonic() + seconds_cap
    shortlist = make_shortlist(problem)
    cdef int done = 0
    cdef int goal = iterations
    cdef int reported = 0
    cdef int count
    cdef bint truncated = False
    if shortlist.candidate_count == 0 or shortlist.most_stops == 0:
        if report is not None:
            report(1.0, 0.0)
        return told(problem, ())
    cdef TourSearch search = TourSearch(shortlist, seed & 0xFFFFFFFFFFFFFFFF)
    while done < goal:
        if cancelled is not None and cancelled() or time.monotonic() >= deadline:
            truncated = True
            break
        if search.is_complete() and done >= ENOUGH_WHEN_COMPLETE:
            break
        search.warm(<double>done / goal)
        count = min(SLICE, goal - done)
        with nogil:
            search.iterate(count)
        done += count
        if report is not None and done * <int64_t>REPORTS >= (reported + 1) * <int64_t>goal:
            reported = <int>(done * <int64_t>REPORTS // goal)
            report(<double>done / goal, search.score() * shortlist.score_unit)
    if report is not None and reported < REPORTS:
        report(1.0, search.score() * shortlist.score_unit)
    stops = tuple(int(shortlist.origin[node]) for node in search.stops())
    return told(problem, stops, truncated=truncated, iterations=done)


def search_for_cpu(problem, *, cpu_seconds, seed):
    """The best tour found in so much CPU time of this thread; cooling follows that clock."""
    cdef double began = time.thread_time()
    cdef double limit = cpu_seconds
    cdef double progress
    cdef int done = 0
    shortlist = make_shortlist(problem)
    if shortlist.candidate_count == 0 or shortlist.most_stops == 0:
        return told(problem, ())
    cdef TourSearch search = TourSearch(shortlist, seed & 0xFFFFFFFFFFFFFFFF)
    while not (search.is_complete() and done >= ENOUGH_WHEN_COMPLETE):
        progress = (time.thread_time() - began) / limit
        if progress >= 1.0:
            break
        search.warm(progress)
        with nogil:
            search.iterate(SLICE)
        done += SLICE
    stops = tuple(int(shortlist.origin[node]) for node in search.stops())
    return told(problem, stops, iterations=done)
