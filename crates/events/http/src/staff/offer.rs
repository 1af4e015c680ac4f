//! The properties of an event or of the events of a series, as fields of request bodies.
//!
//! The fields are declared here once, and macros write them into each body. They are not flattened into it,
//! because that would lose the pointer to a field that is not valid, and accept unknown fields.

/// Declares a body with a new offer; fields that are left out come from the template.
macro_rules! with_new_offer {
    ($(#[$doc:meta])* struct $name:ident { $($own:tt)* }) => {
        $(#[$doc])*
        #[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            $($own)*
            /// The template to create it from.
            #[serde(rename = "template_id")]
            template: Option<tryzore_kernel::TemplateId>,
            /// The kind: `class`, `tour` or `appointment`.
            kind: Option<tryzore_events::EventKind>,
            /// The name.
            #[schema(min_length = 1, max_length = 255)]
            name: Option<String>,
            /// The employee who leads the event.
            #[serde(rename = "staff_user_id")]
            staff: Option<tryzore_kernel::UserId>,
            /// The duration in minutes.
            #[schema(minimum = 5, maximum = 1440)]
            duration_minutes: Option<u16>,
            /// The number of spots.
            #[schema(minimum = 1, maximum = 10000)]
            spots_total: Option<u32>,
            /// The room or meeting point.
            #[schema(max_length = 255)]
            location: Option<String>,
            /// Whether clients of other locations may book; true by default.
            allow_cross_location_booking: Option<bool>,
        }

        impl $name {
            fn offer(self) -> tryzore_events::NewOffer {
                tryzore_events::NewOffer {
                    template: self.template,
                    kind: self.kind,
                    name: self.name,
                    staff: self.staff,
                    duration_minutes: self.duration_minutes,
                    spots_total: self.spots_total,
                    location: self.location,
                    takes_visitors: self.allow_cross_location_booking,
                }
            }
        }
    };
}

/// Declares a body with all fields of an offer, which replaces the current one.
macro_rules! with_offer {
    ($(#[$doc:meta])* struct $name:ident { $($own:tt)* }) => {
        $(#[$doc])*
        #[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            $($own)*
            /// The name.
            #[schema(min_length = 1, max_length = 255)]
            name: String,
            // Required, because leaving it out would remove the leader.
            /// The employee who leads the event; null for nobody.
            #[serde(rename = "staff_user_id", deserialize_with = "serde::Deserialize::deserialize")]
            #[schema(required = true)]
            staff: Option<tryzore_kernel::UserId>,
            /// The duration in minutes.
            #[schema(minimum = 5, maximum = 1440)]
            duration_minutes: u16,
            /// The number of spots; at least as many as are booked.
            #[schema(minimum = 1, maximum = 10000)]
            spots_total: u32,
            /// The room or meeting point; may be empty.
            #[schema(max_length = 255)]
            location: String,
            /// Whether clients of other locations may book.
            allow_cross_location_booking: bool,
        }

        impl $name {
            fn offer(self) -> tryzore_events::Offer {
                tryzore_events::Offer {
                    name: self.name,
                    staff: self.staff,
                    duration_minutes: self.duration_minutes,
                    spots_total: self.spots_total,
                    location: self.location,
                    takes_visitors: self.allow_cross_location_booking,
                }
            }
        }
    };
}

pub(super) use {with_new_offer, with_offer};
