"""One annealing run: the walks it moves between, and everything it needs to move."""

from solver.dice cimport Dice
from solver.gaps cimport WishMemory
from solver.ground cimport GroundPlan
from solver.moves cimport DisturbedMemory
from solver.ruin cimport GuardedMemory
from solver.timetable cimport Clock, TimetableMemory
from solver.walk cimport Walk, WalkMemory


cdef class Annealing:
    """Ruins and recreates tours of one Shortlist; nothing is allocated after it is made."""

    cdef GroundPlan plan
    cdef WalkMemory current_memory
    cdef WalkMemory trial_memory
    cdef WalkMemory best_memory
    cdef DisturbedMemory disturbed_memory
    cdef GuardedMemory guarded_memory
    cdef WishMemory wish_memory
    cdef TimetableMemory timetable_memory   # with windows only
    cdef Walk *current
    cdef Walk *trial
    cdef Walk *best
    cdef Clock *clock                   # NULL without windows
    cdef Dice dice
    cdef bint timed
    cdef double cost_worth              # what a unit of cost counts for in score
    cdef double heat                    # a loss of so much score is borne once in e
    cdef int polished                   # the last candidate that was tried in the best walk
    cdef bint polishing
    cdef int cycles                     # coolings in the whole search
    cdef int cycle                      # the one that is under way

    cdef void plan_cycles(self, double iterations) noexcept nogil
    cdef void warm(self, double progress) noexcept nogil
    cdef void iterate(self, int count) noexcept nogil
    cdef bint is_complete(self) noexcept nogil

    cdef void begin(self) noexcept nogil
    cdef bint better(self, const Walk *one, const Walk *other) noexcept nogil
    cdef void build(self, Walk *walk, int taste, float noise) noexcept nogil
    cdef bint fill(self, Walk *walk, int taste, float noise) noexcept nogil
    cdef float draw_toll(self) noexcept nogil
    cdef void tidy(self, Walk *walk) noexcept nogil
    cdef void polish(self) noexcept nogil
    cdef void ruin(self) noexcept nogil
    cdef void squeeze_in(self) noexcept nogil
    cdef void force(self, int wanted, int draws) noexcept nogil
    cdef void force_one(self, Walk *walk, int node) noexcept nogil
    cdef void make_timely(self, Walk *walk) noexcept nogil
    cdef void tidy_forced(self, Walk *walk) noexcept nogil
    cdef bint recreate(self) noexcept nogil
    cdef void judge(self) noexcept nogil
