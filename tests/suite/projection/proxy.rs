//! A wire between the projector and the server that is cut after so many messages of the projector.
