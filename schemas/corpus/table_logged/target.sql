CREATE TABLE "Slot Cache" (day date PRIMARY KEY, "freeSlots" int[] NOT NULL);
