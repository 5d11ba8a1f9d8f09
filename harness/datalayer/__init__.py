"""The library that an application builds its data layer on."""
