// Lengths, first parts and boxes of a line on the ground.
import { expect, it } from "vitest";
import type { Position } from "../api/shapes";
import { boxAround, firstPart, metresAlong, metresBetween, nudged } from "./line";

const EAST_THEN_NORTH: Position[] = [
  [0, 0],
  [0.01, 0],
  [0.01, 0.01],
];

it("measures a known distance: Scott Monument to Holyrood Palace as the crow flies", () => {
  expect(metresBetween([-3.1933, 55.9524], [-3.1721, 55.9527])).toBeCloseTo(1320, -2);
});

it("cuts a line at a share of its length, between two vertices", () => {
  const along = metresAlong(EAST_THEN_NORTH);
  const half = firstPart(EAST_THEN_NORTH, along, 0.75);
  expect(half).toHaveLength(3);
  expect(half[2]?.[0]).toBeCloseTo(0.01, 6);
  expect(half[2]?.[1]).toBeCloseTo(0.005, 6);
});

it("grows without ever jumping back", () => {
  const along = metresAlong(EAST_THEN_NORTH);
  const lengths = Array.from({ length: 21 }, (_, at) => {
    return metresAlong(firstPart(EAST_THEN_NORTH, along, at / 20)).at(-1) ?? 0;
  });
  expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
  expect(lengths.at(-1)).toBeCloseTo(along.at(-1) ?? 0, 6);
});

it("copes with a line that goes nowhere", () => {
  expect(firstPart([], [], 0.5)).toEqual([]);
  const still: Position[] = [
    [1, 1],
    [1, 1],
  ];
  expect(firstPart(still, metresAlong(still), 0.5)).toEqual([[1, 1]]);
});

it("puts a box around points, and none around nothing", () => {
  expect(boxAround(EAST_THEN_NORTH)).toEqual([0, 0, 0.01, 0.01]);
  expect(boxAround([])).toBeNull();
});

it("moves as far east as north, wherever on earth", () => {
  const from: Position = [-3, 56];
  const north = nudged(from, "ArrowUp", 100);
  const east = nudged(from, "ArrowRight", 100);
  expect(metresBetween(from, north ?? from)).toBeCloseTo(100, 0);
  expect(metresBetween(from, east ?? from)).toBeCloseTo(100, 0);
  expect(nudged(from, "Enter", 100)).toBeNull();
});
